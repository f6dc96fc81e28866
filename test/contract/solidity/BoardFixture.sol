// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, Member, MemberSignature} from "../../../contracts/type/Board.sol";
import {Fixture} from "./Fixture.sol";

/// @title Boards of one party each, boards of boards, and what they ask of the EntityProvider.
abstract contract BoardFixture is Fixture {
    bytes32 internal constant DIGEST = keccak256("digest");

    function entityOf(uint64 number) internal pure returns (bytes32) {
        return bytes32(uint256(number));
    }

    /// @dev One member of weight one.
    function sole(bytes32 id) internal pure returns (Board memory board) {
        board.threshold = 1;
        board.members = new Member[](1);
        board.members[0] = Member(id, 1);
    }

    /// @dev Two members, both of whom must sign.
    function pair(bytes32 low, bytes32 high) internal pure returns (Board memory board) {
        board.threshold = 2;
        board.members = new Member[](2);
        (board.members[0], board.members[1]) = (Member(low, 1), Member(high, 1));
    }

    /// @dev The hash of the board that one party is.
    function hashOf(uint256 party) internal view returns (bytes32) {
        return boardHash(sole(ids[party]));
    }

    function signatures(
        uint8 member,
        bytes memory signature
    ) internal pure returns (MemberSignature[] memory list) {
        list = new MemberSignature[](1);
        list[0] = MemberSignature(member, signature);
    }

    function signatures(
        bytes memory first,
        bytes memory second
    ) internal pure returns (MemberSignature[] memory list) {
        list = new MemberSignature[](2);
        list[0] = MemberSignature(0, first);
        list[1] = MemberSignature(1, second);
    }

    function outermost(
        Board memory board,
        MemberSignature[] memory list
    ) internal pure returns (bytes memory) {
        return abi.encode(board, new bytes32[](0), list);
    }

    function nested(
        Board memory board,
        MemberSignature[] memory list
    ) internal pure returns (bytes memory) {
        return abi.encode(board, list);
    }

    /// @dev The board that one party is signs for an entity.
    function signSole(
        uint256 party,
        bytes32 entity,
        bytes32 digest
    ) internal view returns (bytes memory) {
        bytes memory signature = sign(keys[party], entity, digest);
        return outermost(sole(ids[party]), signatures(0, signature));
    }

    /// @dev The same as a member of a board that signs for an entity.
    function nestSole(
        uint256 party,
        bytes32 entity,
        bytes32 digest
    ) internal view returns (bytes memory) {
        bytes memory signature = sign(keys[party], entity, digest);
        return nested(sole(ids[party]), signatures(0, signature));
    }

    /// @dev A new number whose board is one party.
    function registerSole(uint256 party) internal returns (uint64) {
        return provider.registerEntity(hashOf(party));
    }

    // What one party, being the board, signs to act

    function replacementDigest(
        uint64 number,
        bytes32 incoming,
        uint64 nonce
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256("Replacement(uint64 number,bytes32 boardHash,uint64 nonce)");
        return _digest(keccak256(abi.encode(typehash, number, incoming, nonce)));
    }

    function cancellationDigest(uint64 number, uint64 nonce) internal view returns (bytes32) {
        bytes32 typehash = keccak256("Cancellation(uint64 number,uint64 nonce)");
        return _digest(keccak256(abi.encode(typehash, number, nonce)));
    }

    function claimDigest(
        bytes32 entity,
        string memory name,
        uint64 nonce
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256("NameClaim(bytes32 entity,string name,uint64 nonce)");
        return _digest(keccak256(abi.encode(typehash, entity, keccak256(bytes(name)), nonce)));
    }

    function transferDigest(
        bytes32 from,
        bytes32 to,
        string memory name,
        uint64 nonce
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "NameTransfer(bytes32 from,bytes32 to,string name,uint64 nonce)"
        );
        return _digest(keccak256(abi.encode(typehash, from, to, keccak256(bytes(name)), nonce)));
    }

    function replacement(
        uint256 party,
        uint64 number,
        bytes32 incoming
    ) internal view returns (bytes memory) {
        bytes32 entity = entityOf(number);
        uint64 nonce = provider.nonceOf(entity);
        return signSole(party, entity, replacementDigest(number, incoming, nonce));
    }

    function cancellation(uint256 party, uint64 number) internal view returns (bytes memory) {
        bytes32 entity = entityOf(number);
        return signSole(party, entity, cancellationDigest(number, provider.nonceOf(entity)));
    }

    /// @dev The party, being the current board, proposes that another one be it.
    function propose(uint256 party, uint64 number, uint256 incoming) internal {
        bytes32 next = hashOf(incoming);
        bytes memory signature = replacement(party, number, next);
        provider.proposeBoard(number, next, signature);
    }

    function cancel(uint256 party, uint64 number) internal {
        bytes memory signature = cancellation(party, number);
        provider.cancelBoard(number, signature);
    }

    // Whether a party, as the board of a number, counts

    /// @dev Under batches and settlements.
    function counts(uint256 party, uint64 number) internal view returns (bool) {
        bytes32 entity = entityOf(number);
        bytes memory signature = signSole(party, entity, DIGEST);
        try provider.verify(entity, DIGEST, signature) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Under proofs: 0 not at all, 1 as the board of that time, 2 as the one before it.
    function countsAsOf(
        uint256 party,
        uint64 number,
        uint256 asOf
    ) internal view returns (uint256) {
        bytes32 entity = entityOf(number);
        bytes memory signature = signSole(party, entity, DIGEST);
        try provider.verifyAsOf(entity, DIGEST, signature, uint64(asOf)) returns (bool retired) {
            return retired ? 2 : 1;
        } catch {
            return 0;
        }
    }

    function notOfEntity(uint256 party, bytes32 entity) internal view returns (bytes memory) {
        bytes4 selector = IEntityProvider.BoardNotOfEntity.selector;
        return abi.encodeWithSelector(selector, entity, hashOf(party));
    }

    /// @dev What is said when a key signed something else than what is asked about.
    function memberInvalid(
        uint256 party,
        bytes32 entity,
        bytes32 digest
    ) internal view returns (bytes memory) {
        bytes4 selector = IEntityProvider.MemberSignatureInvalid.selector;
        return abi.encodeWithSelector(selector, ids[party], RootSignature.leaf(entity, digest));
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(provider.domainSeparator(), structHash);
    }
}
