// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {
    DisputeCounter,
    DisputeStart,
    Fill,
    Finalisation,
    Forgiveness
} from "../type/Enforcement.sol";
import {Body} from "./Body.sol";
import {Calldata} from "./Calldata.sol";

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

    /// @dev Positions in calldata. The first ten fields are where the items of each list lie, the
    /// eleventh where the last list ends. What is taken moves its position on.
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

    function takeStart(State memory self) internal pure returns (DisputeStart calldata head) {
        uint256 position = self.starts;
        assembly ("memory-safe") {
            head := position
        }
        unchecked {
            self.starts = position + START_SIZE;
        }
    }

    function takeCounter(State memory self) internal pure returns (DisputeCounter calldata head) {
        uint256 position = self.counters;
        assembly ("memory-safe") {
            head := position
        }
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
    function takeTokens(State memory self, uint256 count) internal pure returns (uint256 start) {
        start = self.tokens;
        self.tokens = _past(start, self.tokensEnd, count, 32);
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
