// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SettlementDigest} from "../digest/SettlementDigest.sol";
import {Accounts} from "./Accounts.sol";
import {Book} from "./Book.sol";
import {Calldata} from "./Calldata.sol";
import {Nets} from "./Nets.sol";
import {Packed} from "./Packed.sol";
import {Reserves} from "./Reserves.sol";
import {Settling} from "./Settling.sol";

/// @title The rows of money that a settlement changes: first computed, then written.
/// @dev `place` is a token's in the table of tokens, 32 for each before it.
library SettlementRows {
    using Calldata for uint256;
    using Packed for uint256;
    using Reserves for Reserves.State;
    using SettlementDigest for uint256;
    using Settling for Settling.State;

    int256 private constant MIN_DIFF = -(1 << 127);

    /// @notice Checks the diffs, hashes them into the terms, and keeps the money that they make:
    /// all changes sum to zero, and unless a plan says otherwise left's claim grows by what left
    /// pays.
    /// @dev A sum that 128 bits cannot hold is cut in the hash, but makes no money in range, so it
    /// is refused.
    /// @param head The settlement's, and where it lies.
    /// @return reason The error, encoded; empty if there is none.
    function compute(
        Settling.State memory run,
        Book.State storage book,
        mapping(uint256 token => uint256) storage money,
        uint256 head,
        uint256 position
    ) internal view returns (bytes memory reason) {
        uint256 cursor = run.packed;
        uint256 row = run.rows;
        uint256 diff = run.diff;
        uint256 place = run.tokens;
        uint256 bits = Settling.tokenBits(head);
        unchecked {
            while (bits != 0) {
                if (bits & 1 != 0) {
                    (int256 collateralDiff, int256 ondeltaDiff) = _readDiff(run, diff, position);
                    uint256 token = place.word();
                    cursor = cursor.put(token, diff.word(), collateralDiff, ondeltaDiff);
                    reason = _computeRow(money, row, token, collateralDiff, ondeltaDiff);
                    if (reason.length != 0) return reason;
                    if (!run.atomic) {
                        reason = _objectionToReserves(run, book, head, place, diff);
                        if (reason.length != 0) return reason;
                    }
                    diff += 32;
                    row += 64;
                }
                bits >>= 1;
                place += 32;
            }
        }
        run.diffsHash = run.packed.hash(cursor);
    }

    /// @notice Writes the rows that were computed, sums what reserves change by, and moves on to
    /// the next settlement's diffs.
    function write(Settling.State memory run, uint256 head) internal {
        (uint256 leftNets, uint256 rightNets) = run.netsOf(head);
        // Both are zero in a plan: there an account's number stays what it was.
        uint256 epochNumber = run.inPlan ? 0 : (run.epoch << 64) | run.number;
        uint256 row = run.rows;
        uint256 diff = run.diff;
        uint256 place = 0;
        uint256 bits = Settling.tokenBits(head);
        unchecked {
            while (bits != 0) {
                if (bits & 1 != 0) {
                    uint256 money = _writeRow(row);
                    int256 change = diff.signed();
                    Nets.add(leftNets + place, change >> 128);
                    Nets.add(rightNets + place, int128(change));
                    uint256 token = (run.tokens + place).word();
                    Accounts.report(run.left, run.right, token, epochNumber, money);
                    diff += 32;
                    row += 64;
                }
                bits >>= 1;
                place += 32;
            }
        }
        run.diff = diff;
    }

    /// @dev Both halves within −2^127 + 1 … 2^127 − 1, so that their negatives are, too. In a plan
    /// `ondeltaDiff` is a word of its own, whose range is checked.
    function _readDiff(
        Settling.State memory run,
        uint256 diff,
        uint256 position
    ) private pure returns (int256 collateralDiff, int256 ondeltaDiff) {
        uint256 end = run.diffsEnd;
        bool malformed;
        assembly ("memory-safe") {
            let word := calldataload(diff)
            let leftDiff := sar(128, word)
            let rightDiff := signextend(15, word)
            malformed := or(eq(leftDiff, MIN_DIFF), eq(rightDiff, MIN_DIFF))
            malformed := or(malformed, iszero(lt(diff, end)))
            ondeltaDiff := sub(0, leftDiff)
            collateralDiff := sub(ondeltaDiff, rightDiff)
        }
        if (run.inPlan) {
            unchecked {
                ondeltaDiff = (diff + run.ondeltas).signed();
            }
            if (int128(ondeltaDiff) != ondeltaDiff) malformed = true;
        }
        if (malformed) run.refuse(position);
    }

    function _computeRow(
        mapping(uint256 token => uint256) storage money,
        uint256 row,
        uint256 token,
        int256 collateralDiff,
        int256 ondeltaDiff
    ) private view returns (bytes memory reason) {
        uint256 word;
        assembly ("memory-safe") {
            mstore(0, token)
            mstore(0x20, money.slot)
            let slot := keccak256(0, 0x40)
            mstore(row, slot)
            word := sload(slot)
        }
        (word, reason) = Accounts.moved(word, token, collateralDiff, ondeltaDiff);
        assembly ("memory-safe") {
            mstore(add(row, 0x20), word)
        }
    }

    function _writeRow(uint256 row) private returns (uint256 money) {
        assembly ("memory-safe") {
            money := mload(add(row, 0x20))
            sstore(mload(row), money)
        }
    }

    /// @dev Only in a list that skips: there each settlement must be solvent in its turn.
    function _objectionToReserves(
        Settling.State memory run,
        Book.State storage book,
        uint256 head,
        uint256 place,
        uint256 diff
    ) private view returns (bytes memory reason) {
        (uint256 leftNets, uint256 rightNets) = run.netsOf(head);
        uint256 token = place.word();
        int256 change = diff.signed();
        unchecked {
            place -= run.tokens;
            int256 net = Nets.read(leftNets + place);
            reason = _objectionToReserve(book, run.left, token, net, change >> 128);
            if (reason.length != 0) return reason;
            net = Nets.read(rightNets + place);
            return _objectionToReserve(book, run.right, token, net, int128(change));
        }
    }

    function _objectionToReserve(
        Book.State storage book,
        bytes32 entity,
        uint256 token,
        int256 net,
        int256 change
    ) private view returns (bytes memory reason) {
        if (change >= 0) return reason;
        return book.reserves.objectionToDebit(entity, token, net, uint256(-change));
    }
}
