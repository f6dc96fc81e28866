// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {BodyDigest} from "../../../contracts/digest/BodyDigest.sol";
import {ProofDigest} from "../../../contracts/digest/ProofDigest.sol";
import {IDepositoryErrors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {
    BodyRow,
    DisputeCounter,
    DisputeStart,
    Enforcement,
    Finalisation
} from "../../../contracts/type/Enforcement.sol";
import {Batch, Operations} from "../../../contracts/type/Operation.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {Fixture} from "./Fixture.sol";

/// @title Proofs, and the disputes about them, as the sides of an account see them.
abstract contract DisputeFixture is Fixture {
    using EnforcementBuild for Enforcement;

    /// @dev What both sides sign; the sides are named by their places among the parties.
    /// @param slots The packed condition of each slot, or no bytes.
    struct Claim {
        uint256 left;
        uint256 right;
        uint64 epoch;
        uint64 number;
        uint32 leftResponse;
        uint32 rightResponse;
        bytes32 frameHash;
        BodyRow[] rows;
        bytes[] slots;
    }

    /// @dev What a dispute's head commits to.
    struct Live {
        uint256 window;
        bytes32 bodyHash;
    }

    uint256 internal constant NOBODY = type(uint256).max;
    uint32 internal constant RESPONSE = 36_000;
    uint256 internal constant RIGHT_STARTED = 1;
    uint256 internal constant BY_RIGHT = 2;
    uint256 internal constant BY_LEFT = 4;

    // Bodies

    function row(
        uint32 token,
        int128 offdelta,
        uint128 leftLimit,
        uint128 rightLimit
    ) internal pure returns (BodyRow[] memory rows) {
        rows = new BodyRow[](1);
        rows[0] = BodyRow(token, offdelta, leftLimit, rightLimit);
    }

    /// @dev Of parties 0 and 1, one token, limits of a thousand.
    function claim(uint64 number, int128 offdelta) internal pure returns (Claim memory) {
        return
            Claim({
                left: 0,
                right: 1,
                epoch: 0,
                number: number,
                leftResponse: RESPONSE,
                rightResponse: RESPONSE,
                frameHash: keccak256("frame"),
                rows: row(1, offdelta, 1000, 1000),
                slots: new bytes[](0)
            });
    }

    /// @dev No proof at all.
    function nothing() internal pure returns (Claim memory bare) {
        bare.right = 1;
    }

    function withSlot(
        Claim memory self,
        bytes memory condition
    ) internal pure returns (Claim memory) {
        bytes[] memory slots = new bytes[](self.slots.length + 1);
        for (uint256 i = 0; i < self.slots.length; ++i) slots[i] = self.slots[i];
        slots[self.slots.length] = condition;
        self.slots = slots;
        return self;
    }

    function hashOf(Claim memory self) internal pure returns (bytes32) {
        BodyDigest.Row[] memory rows = new BodyDigest.Row[](self.rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            BodyRow memory from = self.rows[i];
            rows[i] = BodyDigest.Row(from.token, from.offdelta, from.leftLimit, from.rightLimit);
        }
        bytes32[] memory hashes = new bytes32[](self.slots.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            if (self.slots[i].length != 0) hashes[i] = keccak256(self.slots[i]);
        }
        return BodyDigest.bodyHash(rows, BodyDigest.conditionsRoot(hashes));
    }

    function keyOf(Claim memory self) internal view returns (bytes32) {
        return keccak256(abi.encode(ids[self.left], ids[self.right]));
    }

    function digestOf(Claim memory self) internal view returns (bytes32) {
        bytes32 structHash = ProofDigest.structHash(
            ProofDigest.Proof(
                keyOf(self),
                self.epoch,
                self.number,
                self.leftResponse,
                self.rightResponse,
                self.frameHash,
                hashOf(self)
            )
        );
        return MessageHashUtils.toTypedDataHash(depository.domainSeparator(), structHash);
    }

    function signClaim(uint256 party, Claim memory self) internal view returns (bytes memory) {
        return signAs(party, digestOf(self));
    }

    function packed(Claim memory self) internal pure returns (bytes memory conditions) {
        for (uint256 i = 0; i < self.slots.length; ++i) {
            uint16 length = uint16(self.slots[i].length);
            conditions = bytes.concat(conditions, abi.encodePacked(length), self.slots[i]);
        }
    }

    /// @dev The window of a dispute that starts in this block.
    function windowOf(uint256 flags, uint256 length) internal view returns (uint256) {
        uint256 salt = uint64(uint256(blockhash(block.number - 1)));
        uint256 times = (block.timestamp << 64) | (block.timestamp + length);
        return (salt << 136) | (flags << 128) | times;
    }

    function withFlags(uint256 window, uint256 flags) internal pure returns (uint256) {
        return (window & ~(uint256(0xff) << 128)) | (flags << 128);
    }

    /// @return What lies beside the head for a proof of that number under the window.
    function overtakingOf(uint64 number, Live memory live) internal pure returns (uint256) {
        uint256 low = uint192(uint256(keccak256(abi.encode(live.window, live.bodyHash))));
        return (uint256(number) << 192) | low;
    }

    function commitmentOf(Live memory live) internal pure returns (uint256) {
        return uint160(uint256(keccak256(abi.encode(live.window, live.bodyHash))));
    }

    // Enforcements

    function putBody(Enforcement memory to, Claim memory self) internal pure {
        to.addRows(self.rows);
        to.conditions = bytes.concat(to.conditions, packed(self));
    }

    /// @dev Signed by the side that is not the carrier, unless there is no proof.
    function putStart(Enforcement memory to, uint256 carrier, Claim memory self) internal view {
        uint256 other = carrier == self.left ? self.right : self.left;
        bytes memory signature = self.number == 0 ? bytes("") : signClaim(other, self);
        to.add(
            DisputeStart({
                counterparty: ids[other],
                epoch: self.epoch,
                number: self.number,
                leftResponse: self.leftResponse,
                rightResponse: self.rightResponse,
                frameHash: self.frameHash,
                rows: self.rows.length,
                conditionBytes: packed(self).length,
                signatureLength: signature.length
            })
        );
        putBody(to, self);
        to.signatures = bytes.concat(to.signatures, signature);
    }

    /// @param leftSigner Whose signature stands in left's place; nobody for none.
    function putCounter(
        Enforcement memory to,
        Live memory live,
        Claim memory self,
        uint256 leftSigner,
        uint256 rightSigner
    ) internal view {
        bytes memory left;
        bytes memory right;
        if (leftSigner != NOBODY) left = signClaim(leftSigner, self);
        if (rightSigner != NOBODY) right = signClaim(rightSigner, self);
        to.add(
            DisputeCounter({
                left: ids[self.left],
                right: ids[self.right],
                window: live.window,
                bodyHash: live.bodyHash,
                number: self.number,
                leftResponse: self.leftResponse,
                rightResponse: self.rightResponse,
                frameHash: self.frameHash,
                rows: self.rows.length,
                conditionBytes: packed(self).length,
                leftSignature: left.length,
                rightSignature: right.length
            })
        );
        putBody(to, self);
        to.signatures = bytes.concat(to.signatures, left, right);
    }

    function putFinalisation(
        Enforcement memory to,
        Live memory live,
        Claim memory self
    ) internal view {
        putOvertaking(to, live.window, 0, 0, self);
    }

    /// @param headBody What the head commits to, where the body has overtaken it; else zero.
    function putOvertaking(
        Enforcement memory to,
        uint256 window,
        bytes32 headBody,
        uint256 flags,
        Claim memory self
    ) internal view {
        to.add(
            Finalisation({
                left: ids[self.left],
                right: ids[self.right],
                window: window,
                headBody: headBody,
                overtakingFlags: flags,
                rows: self.rows.length,
                conditionBytes: packed(self).length,
                tokens: 0
            })
        );
        putBody(to, self);
    }

    // What the sides do

    /// @dev The carrier starts a dispute with the claim.
    function start(uint256 carrier, Claim memory self) internal returns (Live memory live) {
        Enforcement memory enforcement;
        putStart(enforcement, carrier, self);
        submit(carrier, enforcement.alone());
        return startedNow(carrier, self);
    }

    /// @return live What a start of this block, with the responses of `claim`, commits to.
    function startedNow(
        uint256 carrier,
        Claim memory self
    ) internal view returns (Live memory live) {
        uint256 flags = carrier == self.left ? BY_LEFT : BY_RIGHT | RIGHT_STARTED;
        uint256 length = self.number == 0 ? MAX_WINDOW : self.leftResponse + self.rightResponse;
        return Live(windowOf(flags, length), hashOf(self));
    }

    /// @dev The carrier, who did not start, brings a first newer claim.
    function counter(
        uint256 carrier,
        Live memory live,
        Claim memory self
    ) internal returns (Live memory) {
        Enforcement memory enforcement;
        bool byLeft = carrier == self.left;
        putCounter(
            enforcement,
            live,
            self,
            byLeft ? NOBODY : self.left,
            byLeft ? self.right : NOBODY
        );
        submit(carrier, enforcement.alone());
        uint256 flags = byLeft ? BY_LEFT | RIGHT_STARTED : BY_RIGHT;
        return Live(withFlags(live.window, flags), hashOf(self));
    }

    /// @dev A watchtower, or anybody, brings a first newer claim with both signatures.
    function counterOpenly(Live memory live, Claim memory self) internal returns (Live memory) {
        Enforcement memory enforcement;
        putCounter(enforcement, live, self, self.left, self.right);
        depository.enforce(enforcement);
        return Live(withFlags(live.window, flagsOf(live.window) & RIGHT_STARTED), hashOf(self));
    }

    function finalise(Live memory live, Claim memory self) internal {
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, self);
        depository.enforce(enforcement);
    }

    function flagsOf(uint256 window) internal pure returns (uint256) {
        return uint8(window >> 128);
    }

    function endOf(Live memory live) internal pure returns (uint256) {
        return uint64(live.window);
    }

    /// @dev To the first second in which anyone may finalise.
    function passWindow(Live memory live) internal {
        VM.warp(endOf(live) + 1);
    }

    function headOf(Claim memory self) internal view returns (uint256 head) {
        (head, ) = depository.disputeOf(ids[self.left], ids[self.right]);
    }

    function epochOf(Claim memory self) internal view returns (uint64 epoch) {
        (epoch, ) = depository.accountOf(ids[self.left], ids[self.right]);
    }

    /// @dev Expects the next call to pass over what it is about, with this reason.
    function expectSkipped(uint256 left, uint256 right, uint8 kind, bytes memory reason) internal {
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.EnforcementSkipped(ids[left], ids[right], kind, reason);
    }

    /// @return Whether it landed.
    function tryEnforce(Enforcement memory enforcement) internal returns (bool) {
        try depository.enforce(enforcement) {
            return true;
        } catch {
            return false;
        }
    }

    /// @return Whether the party's batch landed.
    function trySubmit(uint256 party, Operations memory operations) internal returns (bool) {
        Batch memory batch = batchOf(party, operations);
        try depository.processBatch(batch, signBatch(party, batch)) {
            return true;
        } catch {
            return false;
        }
    }

    // Refusals

    /// @dev Whose signature under the claim is none.
    function invalid(uint256 party, Claim memory self) internal view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IDepositoryErrors.SignatureInvalid.selector,
                ids[party],
                digestOf(self)
            );
    }

    /// @return An error about the account of parties 0 and 1.
    function about(bytes4 selector) internal view returns (bytes memory) {
        return abi.encodeWithSelector(selector, ids[0], ids[1]);
    }

    /// @dev The party's batch fails with an error of that kind.
    function refuse(uint256 party, Enforcement memory enforcement, bytes4 selector) internal {
        Batch memory batch = batchOf(party, enforcement.alone());
        bytes memory signature = signBatch(party, batch);
        refuseCall(abi.encodeCall(depository.processBatch, (batch, signature)), selector);
    }

    function refuseCall(bytes memory data, bytes4 selector) internal {
        (bool success, bytes memory reason) = address(depository).call(data);
        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(selector));
    }
}
