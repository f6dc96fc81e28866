// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {
    BodyRow,
    DisputeCounter,
    DisputeStart,
    Fill,
    Finalisation,
    Forgiveness
} from "../type/Enforcement.sol";
import {Body} from "./Body.sol";
import {Budget} from "./Budget.sol";
import {Calldata} from "./Calldata.sol";
import {Reason} from "./Reason.sol";

/// @title The lists of an enforcement, and its pools, from which heads take in turn.
library Pool {
    using Calldata for uint256;

    // Of each kind of item, in calldata.
    uint256 internal constant START_SIZE = 9 * 32;
    uint256 internal constant COUNTER_SIZE = 12 * 32;
    uint256 internal constant PREIMAGE_SIZE = 32;
    uint256 internal constant FILL_SIZE = 5 * 32;
    uint256 internal constant FINALISATION_SIZE = 8 * 32;
    uint256 internal constant FORGIVENESS_SIZE = 3 * 32;
    uint256 internal constant TOKEN_SIZE = 32;

    // The kinds of EnforcementSkipped.
    uint256 private constant START = 1;
    uint256 private constant COUNTER = 2;
    uint256 private constant FINALISATION = 3;
    uint256 private constant FILL = 4;

    /// @dev Positions in calldata. The first ten fields are where the items of each list lie, the
    /// eleventh where the last list ends. What is taken moves its position on.
    /// @param kind Of the head that was taken last, see EnforcementSkipped.
    /// @param strict Whether a head that has nothing to do fails the call, or is passed over and
    /// reported.
    struct State {
        uint256 starts;
        uint256 counters;
        uint256 preimages;
        uint256 fills;
        uint256 finalisations;
        uint256 forgivenesses;
        uint256 rows;
        uint256 conditions;
        uint256 tokens;
        uint256 signatures;
        uint256 end;
        uint256 rowsEnd;
        uint256 conditionsEnd;
        uint256 tokensEnd;
        uint256 signaturesEnd;
        uint256 kind;
        bool strict;
    }

    /// @notice Finds where the pools end: behind the last row lies the length of the conditions,
    /// and so on; bytes are padded.
    function close(State memory self) internal pure {
        unchecked {
            self.rowsEnd = self.conditions - 32;
            self.conditionsEnd = self.conditions + (self.conditions - 32).word();
            self.tokensEnd = self.signatures - 32;
            self.signaturesEnd = self.signatures + (self.signatures - 32).word();
        }
    }

    /// @notice For a call about one head alone.
    /// @return weight What the body may cost at worst, in gas.
    function fillBody(
        State memory self,
        BodyRow[] calldata rows,
        bytes calldata conditions
    ) internal pure returns (uint256 weight) {
        (uint256 start, uint256 count) = (0, rows.length);
        assembly ("memory-safe") {
            start := rows.offset
        }
        self.strict = true;
        self.rows = start;
        self.conditions = Calldata.startOf(conditions);
        unchecked {
            // Decoded lists lie in calldata, so no length is near 2^64.
            self.rowsEnd = start + count * Body.ROW_SIZE;
            self.conditionsEnd = self.conditions + conditions.length;
            return count * Budget.CLOSED_TOKEN + conditions.length * Budget.CONDITION_BYTE;
        }
    }

    /// @return weight What the tokens may cost at worst, in gas.
    function fillTokens(
        State memory self,
        uint32[] calldata tokens
    ) internal pure returns (uint256 weight) {
        uint256 start;
        assembly ("memory-safe") {
            start := tokens.offset
        }
        self.tokens = start;
        unchecked {
            self.tokensEnd = start + tokens.length * 32;
            return tokens.length * Budget.CLOSED_TOKEN;
        }
    }

    /// @return weight What they may cost at worst, in gas.
    function fillSignatures(
        State memory self,
        bytes calldata signatures
    ) internal pure returns (uint256 weight) {
        self.signatures = Calldata.startOf(signatures);
        unchecked {
            self.signaturesEnd = self.signatures + signatures.length;
            return signatures.length * Budget.SIGNATURE_BYTE;
        }
    }

    function takeStart(State memory self) internal pure returns (DisputeStart calldata head) {
        uint256 position = self.starts;
        assembly ("memory-safe") {
            head := position
        }
        self.kind = START;
        unchecked {
            self.starts = position + START_SIZE;
        }
    }

    function takeCounter(State memory self) internal pure returns (DisputeCounter calldata head) {
        uint256 position = self.counters;
        assembly ("memory-safe") {
            head := position
        }
        self.kind = COUNTER;
        unchecked {
            self.counters = position + COUNTER_SIZE;
        }
    }

    function takePreimage(State memory self) internal pure returns (bytes32) {
        uint256 position = self.preimages;
        unchecked {
            self.preimages = position + PREIMAGE_SIZE;
        }
        return bytes32(position.word());
    }

    function takeFill(State memory self) internal pure returns (Fill calldata head) {
        uint256 position = self.fills;
        assembly ("memory-safe") {
            head := position
        }
        self.kind = FILL;
        unchecked {
            self.fills = position + FILL_SIZE;
        }
    }

    function takeFinalisation(
        State memory self
    ) internal pure returns (Finalisation calldata head) {
        uint256 position = self.finalisations;
        assembly ("memory-safe") {
            head := position
        }
        self.kind = FINALISATION;
        unchecked {
            self.finalisations = position + FINALISATION_SIZE;
        }
    }

    function takeForgiveness(State memory self) internal pure returns (Forgiveness calldata head) {
        uint256 position = self.forgivenesses;
        assembly ("memory-safe") {
            head := position
        }
        unchecked {
            self.forgivenesses = position + FORGIVENESS_SIZE;
        }
    }

    function takeBody(
        State memory self,
        uint256 rows,
        uint256 conditionBytes
    ) internal pure returns (Body.Place memory body) {
        (body.rows, body.conditions) = (self.rows, self.conditions);
        body.rowsEnd = _past(self.rows, self.rowsEnd, rows, Body.ROW_SIZE);
        body.conditionsEnd = _past(self.conditions, self.conditionsEnd, conditionBytes, 1);
        (self.rows, self.conditions) = (body.rowsEnd, body.conditionsEnd);
    }

    function takeSignature(
        State memory self,
        uint256 length
    ) internal pure returns (bytes calldata signature) {
        uint256 start = self.signatures;
        self.signatures = _past(start, self.signaturesEnd, length, 1);
        return start.slice(length);
    }

    /// @return start Where so many tokens lie, a word each.
    /// @return end Where they end.
    function takeTokens(
        State memory self,
        uint256 count
    ) internal pure returns (uint256 start, uint256 end) {
        start = self.tokens;
        end = _past(start, self.tokensEnd, count, 32);
        self.tokens = end;
    }

    /// @notice Reports that the head taken last has nothing to do, or fails with that.
    /// @param selector Of an error of two words.
    function passOver(
        State memory self,
        bytes32 left,
        bytes32 right,
        bytes4 selector,
        uint256 first,
        uint256 second
    ) internal {
        bytes memory reason = Reason.pack(selector, first, second);
        if (self.strict) Reason.raise(reason);
        emit IDepositoryEvents.EnforcementSkipped(left, right, uint8(self.kind), reason);
    }

    function requireUsedUp(State memory self) internal pure {
        _requireEnd(self.rows, self.rowsEnd);
        _requireEnd(self.conditions, self.conditionsEnd);
        _requireEnd(self.tokens, self.tokensEnd);
        _requireEnd(self.signatures, self.signaturesEnd);
    }

    function _past(
        uint256 start,
        uint256 end,
        uint256 count,
        uint256 size
    ) private pure returns (uint256) {
        unchecked {
            uint256 present = (end - start) / size;
            if (count > present) revert IDepositoryErrors.ListMismatch(count, present);
            return start + count * size;
        }
    }

    function _requireEnd(uint256 position, uint256 end) private pure {
        if (position != end) revert IDepositoryErrors.ListMismatch(position, end);
    }
}
