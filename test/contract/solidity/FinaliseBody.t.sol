// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionFixture} from "./ConditionFixture.sol";

/// @title DIS-4: who finalises brings the body once more, and no other bytes that have its hash.
contract FinaliseBodyTest is ConditionFixture {
    uint64 private constant START = 1_000_000;

    Live private _live;

    /// @dev A lock that nobody opens would move 256 to left.
    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
        _live = start(0, _proof());
        passWindow(_live);
    }

    /// @dev DIS-4: the hash is over 1,024 slots. A condition behind them is in no hash, and moves
    /// nothing: the call fails.
    function test_DIS4_NoSlotBehindTheLast() public {
        reveal("key");
        bytes memory theft = lock(FAR, "key", move(1, 800));
        Enforcement memory e = _ending();
        e.conditions = bytes.concat(
            e.conditions,
            new bytes(2 * 1023),
            abi.encodePacked(uint16(theft.length), theft)
        );
        _refuse(e);
    }

    /// @dev DIS-4: nor may conditions end before their last one does, where what is missing happens
    /// to lie behind them: they would never be at their end.
    function test_DIS4_NoConditionBeyondTheEnd() public {
        Enforcement memory e = _ending();
        bytes memory conditions = e.conditions;
        assertEq(uint8(conditions[conditions.length - 1]), 0);
        assembly {
            mstore(conditions, sub(mload(conditions), 1))
        }
        _refuse(e);
    }

    function _refuse(Enforcement memory e) private {
        e.finalisations[0].conditionBytes = e.conditions.length;
        bytes memory data = abi.encodeCall(depository.enforce, (e));
        (bool success, bytes memory reason) = address(depository).call{gas: 5_000_000}(data);
        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(Errors.BodyInvalid.selector));
        finalise(_live, _proof());
        assertEq(gain(1), 100);
    }

    function _ending() private view returns (Enforcement memory e) {
        putFinalisation(e, _live, _proof());
    }

    function _proof() private pure returns (Claim memory) {
        return withSlot(claim(5, 100), lock(START, "lost", move(1, 256)));
    }
}
