// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Enforcement} from "../type/Enforcement.sol";
import {Body} from "./Body.sol";
import {Calldata} from "./Calldata.sol";

/// @title What is left of an enforcement's pools, from which its heads take in turn.
/// @dev Layout has checked that the pools lie where their offsets say, and in calldata.
library Pool {
    using Calldata for uint256;

    /// @dev Positions in calldata: of each pool where the rest begins, and where it ends.
    struct State {
        uint256 rows;
        uint256 rowsEnd;
        uint256 conditions;
        uint256 conditionsEnd;
        uint256 tokens;
        uint256 tokensEnd;
        uint256 signatures;
        uint256 signaturesEnd;
    }

    uint256 private constant ROWS = 6;
    uint256 private constant CONDITIONS = 7;
    uint256 private constant TOKENS = 8;
    uint256 private constant SIGNATURES = 9;

    function locate(Enforcement calldata enforcement) internal pure returns (State memory self) {
        uint256 base;
        assembly ("memory-safe") {
            base := enforcement
        }
        (self.rows, self.rowsEnd) = _locate(base, ROWS, Body.ROW_SIZE);
        (self.conditions, self.conditionsEnd) = _locate(base, CONDITIONS, 1);
        (self.tokens, self.tokensEnd) = _locate(base, TOKENS, Calldata.WORD);
        (self.signatures, self.signaturesEnd) = _locate(base, SIGNATURES, 1);
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
        end = _past(start, self.tokensEnd, count, Calldata.WORD);
        self.tokens = end;
    }

    function requireUsedUp(State memory self) internal pure {
        _requireEnd(self.rows, self.rowsEnd);
        _requireEnd(self.conditions, self.conditionsEnd);
        _requireEnd(self.tokens, self.tokensEnd);
        _requireEnd(self.signatures, self.signaturesEnd);
    }

    function _locate(
        uint256 base,
        uint256 field,
        uint256 size
    ) private pure returns (uint256 start, uint256 end) {
        unchecked {
            start = base + (base + field * Calldata.WORD).word() + Calldata.WORD;
            end = start + (start - Calldata.WORD).word() * size;
        }
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
