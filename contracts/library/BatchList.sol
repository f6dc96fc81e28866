// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {SignedBatch} from "../type/Operation.sol";
import {Budget} from "./Budget.sol";
import {Calldata} from "./Calldata.sol";
import {Reason} from "./Reason.sol";
import {Refusal} from "./Refusal.sol";

/// @title Many entities' batches in one call, each in a call of this contract to itself (DEP-3).
/// @dev A signed batch lies in calldata as the arguments of that call do, so it is passed on as it
/// is. What lies between two offsets belongs to the first of them, whatever it says: no batch
/// reads another's bytes or takes another's gas.
library BatchList {
    using Calldata for uint256;

    uint256 private constant WORD = 32;

    /// @dev Kept back from every share: more than it takes to report the longest error, even
    /// after a batch has burned all that it was given.
    uint256 private constant REPORT_GAS = 10_000;

    /// @param door Of this contract; takes what makes up a `SignedBatch`.
    function run(SignedBatch[] calldata batches, bytes4 door) internal {
        uint256 count = batches.length;
        if (count > Budget.MAX_BATCHES) Refusal.listTooLong(count, Budget.MAX_BATCHES);
        uint256 base;
        assembly ("memory-safe") {
            base := batches.offset
        }
        unchecked {
            uint256 start = base + count * WORD;
            if (count != 0 && base.word() != count * WORD) _refuse(base, start - base);
            for (uint256 i = 0; i < count;) {
                uint256 head = base + ++i * WORD;
                uint256 end = i == count ? msg.data.length : base + head.word();
                if (end < start || end > msg.data.length) _refuse(head, start - base);
                // Equal shares of what is left: what one leaves over goes to those behind it.
                if (!_run(door, start, end - start, count + 1 - i)) _report(start);
                start = end;
            }
        }
    }

    /// @param left How many batches are still to run, this one included.
    function _run(
        bytes4 door,
        uint256 start,
        uint256 size,
        uint256 left
    ) private returns (bool success) {
        uint256 share;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, door)
            calldatacopy(add(data, 4), start, size)
            share := div(gas(), left)
            if gt(share, REPORT_GAS) {
                let given := sub(share, REPORT_GAS)
                success := call(given, address(), 0, data, add(4, size), 0, 0)
                share := 0
            }
        }
        if (share != 0) revert IDepositoryErrors.GasTooLow(share, REPORT_GAS);
    }

    /// @dev Behind the two offsets of a signed batch lie its entity and its nonce.
    function _report(uint256 start) private {
        unchecked {
            emit IDepositoryEvents.BatchFailed(
                bytes32((start + 2 * WORD).word()),
                uint64((start + 3 * WORD).word()),
                Reason.answer(Reason.MAX_LENGTH)
            );
        }
    }

    function _refuse(uint256 position, uint256 expected) private pure {
        revert IDepositoryErrors.LayoutNotCanonical(position, expected, position.word());
    }
}
