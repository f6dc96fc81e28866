// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {PlanDigest} from "../../../contracts/digest/PlanDigest.sol";
import {SettlementDigest} from "../../../contracts/digest/SettlementDigest.sol";
import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Settlements} from "../../../contracts/type/Operation.sol";
import {PlanTerms} from "../../../contracts/type/Plan.sol";
import {Fixture, Head} from "./Fixture.sol";

/// @title Plans whose signers are the first parties, and what their certificates say.
abstract contract PlanFixture is Fixture {
    /// @dev A settlement of one token, as its plan's signers see it.
    struct Move {
        uint256 left;
        uint256 right;
        uint32 token;
        int128 leftDiff;
        int128 rightDiff;
        int128 ondeltaDiff;
    }

    /// @dev What `commitPlan` takes, and the struct hashes of the settlements.
    struct Draft {
        PlanTerms terms;
        Settlements list;
        bytes structHashes;
    }

    uint64 internal constant COMMIT_BY = 3_000_000_000;

    /// @dev A plan of the first so many parties, without settlements.
    function draft(uint256 signers) internal view returns (Draft memory self) {
        self.terms.legsHash = keccak256("legs");
        self.terms.salt = keccak256("salt");
        self.terms.commitBy = COMMIT_BY;
        self.list.entities = new bytes32[](signers);
        for (uint256 i = 0; i < signers; ++i) self.list.entities[i] = ids[i];
    }

    /// @dev Left pays right out of its reserve; nothing else changes in their account.
    function pays(uint256 left, uint256 right, int128 amount) internal pure returns (Move memory) {
        return Move(left, right, 1, -amount, amount, 0);
    }

    function add(Draft memory self, Move memory move) internal pure returns (Draft memory) {
        return add(self, move, 0, FAR);
    }

    function add(
        Draft memory self,
        Move memory move,
        uint64 epoch,
        uint64 deadline
    ) internal pure returns (Draft memory) {
        Settlements memory list = self.list;
        list.tokens = new uint32[](2);
        (list.tokens[0], list.tokens[1]) = (1, 2);
        uint256 bit = 1 << (move.token - 1);
        list.heads = _append(
            list.heads,
            packHead(Head(move.left, move.right, epoch, 0, deadline, bit, 0, 0))
        );
        list.diffs = _append(list.diffs, packDiff(move.leftDiff, move.rightDiff));
        int128[] memory before = self.terms.ondeltaDiffs;
        self.terms.ondeltaDiffs = new int128[](before.length + 1);
        for (uint256 i = 0; i < before.length; ++i) self.terms.ondeltaDiffs[i] = before[i];
        self.terms.ondeltaDiffs[before.length] = move.ondeltaDiff;
        bytes32 structHash = _structHash(list, move, epoch, deadline);
        self.structHashes = bytes.concat(self.structHashes, structHash);
        return self;
    }

    function hashOf(Draft memory self) internal view returns (bytes32) {
        bytes32 structHash = PlanDigest.structHash(
            keccak256(abi.encodePacked(self.list.entities)),
            self.terms.legsHash,
            keccak256(self.structHashes),
            self.terms.salt,
            self.terms.commitBy
        );
        return MessageHashUtils.toTypedDataHash(depository.domainSeparator(), structHash);
    }

    function preparedOf(Draft memory self) internal view returns (bytes32) {
        bytes32 structHash = PlanDigest.preparedStructHash(hashOf(self));
        return MessageHashUtils.toTypedDataHash(depository.domainSeparator(), structHash);
    }

    /// @dev The party's signature under "prepared", with its length.
    function signed(Draft memory self, uint256 party) internal view returns (bytes memory) {
        return withLength(signAs(party, preparedOf(self)));
    }

    function withLength(bytes memory signature) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(signature.length), signature);
    }

    /// @dev Signed by all parties that it names, in their order.
    function certified(Draft memory self) internal view returns (Draft memory) {
        self.list.signatures = "";
        for (uint256 i = 0; i < self.list.entities.length; ++i) {
            self.list.signatures = bytes.concat(self.list.signatures, signed(self, i));
        }
        return self;
    }

    function commit(Draft memory self) internal {
        depository.commitPlan(self.terms, self.list);
    }

    function refuse(Draft memory self, bytes memory reason) internal {
        VM.expectRevert(reason);
        depository.commitPlan(self.terms, self.list);
    }

    /// @dev Refused because this party did not sign what is brought.
    function refuseSigner(Draft memory self, uint256 party) internal {
        bytes4 selector = Errors.SignatureInvalid.selector;
        refuse(self, abi.encodeWithSelector(selector, ids[party], preparedOf(self)));
    }

    function committedAt(Draft memory self) internal view returns (uint256) {
        return depository.planCommittedAt(hashOf(self));
    }

    function _structHash(
        Settlements memory list,
        Move memory move,
        uint64 epoch,
        uint64 deadline
    ) private pure returns (bytes32) {
        bytes32 diffsHash = keccak256(
            abi.encodePacked(
                move.token,
                move.leftDiff,
                move.rightDiff,
                -(move.leftDiff + move.rightDiff),
                move.ondeltaDiff
            )
        );
        return
            keccak256(
                abi.encode(
                    SettlementDigest.TYPEHASH,
                    list.entities[move.left],
                    list.entities[move.right],
                    epoch,
                    0,
                    deadline,
                    0,
                    diffsHash
                )
            );
    }

    function _append(
        uint256[] memory list,
        uint256 item
    ) private pure returns (uint256[] memory longer) {
        longer = new uint256[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = item;
    }
}
