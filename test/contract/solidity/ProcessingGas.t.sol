// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {SignedBatch} from "../../../contracts/type/Operation.sol";
import {ProcessingFixture} from "./ProcessingFixture.sol";
import {Log} from "./Test.sol";
import {StrangeToken} from "./Token.sol";

/// @title DEP-3: gas and calldata as weapons against the other batches of one call.
contract ProcessingGasTest is ProcessingFixture {
    uint256 private constant WORD = 32;
    /// @dev Where in a call the offsets begin: behind selector, offset and length.
    uint256 private constant OFFSETS = 4 + 2 * WORD;

    function setUp() public {
        deploy();
        fill();
    }

    /// @dev Each has its share, wherever the one that burns all of its own stands.
    function test_DEP3_ABatchThatBurnsItsShare() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.transfer.selector, StrangeToken.Manner.Burn, 0, 0);
        for (uint256 place = 0; place < 3; ++place) {
            SignedBatch[] memory batches = new SignedBatch[](3);
            for (uint256 i = 0; i < 3; ++i) {
                batches[i] =
                    i == place
                        ? signed(0, withdrawal(token, address(1), 10))
                        : signed(i < place ? i + 1 : i, empty);
            }
            VM.recordLogs();
            depository.processBatches{gas: 600_000}(batches);
            expectFailure(0, 0, refused(token, ""));
            expectNonces(0, uint64(place + 1), uint64(place + 1));
        }
        asset.act(IERC20.transfer.selector, StrangeToken.Manner.Honest, 0, 0);
        submit(0, withdrawal(token, address(1), 10));
    }

    /// @dev All of them burn, with as little gas as there may be: each is still reported.
    function test_DEP3_AllBurn_EachIsReported() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.balanceOf.selector, StrangeToken.Manner.Burn, 0, 0);
        SignedBatch[] memory batches = new SignedBatch[](16);
        for (uint64 i = 0; i < 16; ++i) batches[i] = signed(0, withdrawal(token, address(1), 10));
        uint256[3] memory given = [uint256(500_000), 2_000_000, 15_000_000];
        for (uint256 k = 0; k < 3; ++k) {
            VM.recordLogs();
            depository.processBatches{gas: given[k]}(batches);
            assertEq(_failures(), 16);
        }
        assertEq(depository.nonceOf(ids[0]), 0);
    }

    function test_DEP3_GasTooLow() public {
        SignedBatch[] memory batches = empties(3);
        bytes memory data = abi.encodeCall(depository.processBatches, (batches));
        (bool success, bytes memory reason) = address(depository).call{gas: 30_000}(data);
        assertTrue(!success && bytes4(reason) == Errors.GasTooLow.selector, "gas too low");
    }

    /// @dev A relayer that gives too little gas wins nothing: with any gas, each batch lands whole
    /// or is reported, or the call fails; what did not land can be submitted again.
    function testFuzz_DEP3_AnyGas(uint256 given) public {
        SignedBatch[] memory batches = new SignedBatch[](3);
        batches[0] = signed(0, payment(1, ids[4], 1));
        batches[1] = signed(1, withdrawal(1, address(9), 2));
        batches[2] = signed(2, payment(1, ids[4], 4));
        bytes memory data = abi.encodeCall(depository.processBatches, (batches));
        VM.recordLogs();
        (bool success, ) = address(depository).call{gas: bound(given, 5_000, 400_000)}(data);
        uint256 failures = _failures();
        uint256 landed = 0;
        for (uint256 i = 0; i < 3; ++i) landed += depository.nonceOf(ids[i]);
        assertEq(landed, success ? 3 - failures : 0);
        uint256 paid = depository.nonceOf(ids[0]) + 4 * depository.nonceOf(ids[2]);
        assertEq(depository.reserveOf(ids[4], 1), HELD + paid);
        assertEq(assets[0].balanceOf(address(9)), 2 * depository.nonceOf(ids[1]));

        depository.processBatches(batches);
        expectNonces(1, 1, 1);
        assertEq(depository.reserveOf(ids[4], 1), HELD + 5);
        assertEq(assets[0].balanceOf(address(9)), 2);
    }

    /// @dev What one leaves over those behind it may use.
    function test_DEP3_WhatIsLeftOverGoesToThoseBehind() public {
        SignedBatch[] memory batches = empties(4);
        batches[3] = signed(3, payment(1, bytes32(uint256(1) << 200), 5));
        uint256 before = gasleft();
        depository.processBatches{gas: 260_000}(batches);
        assertTrue(before - gasleft() < 260_000, "bounded");
        assertEq(depository.nonceOf(ids[3]), 1);
    }

    function test_DEP3_LayoutNotCanonical() public {
        // The first batch must lie where the offsets end.
        _expectOffset(0, 3 * WORD + WORD, 0, 3 * WORD);
        _expectOffset(0, 3 * WORD - WORD, 0, 3 * WORD);
        _expectOffset(0, type(uint256).max - 31, 0, 3 * WORD);
        // No batch begins before the one in front of it, or behind the end of all.
        uint256 size = _sizeOfOne();
        _expectOffset(1, 2 * WORD, 1, 3 * WORD);
        _expectOffset(2, 3 * WORD, 2, 3 * WORD + size);
        _expectOffset(2, 1 << 255, 2, 3 * WORD + size);
    }

    /// @dev An offset that is somewhere else within bounds gives one batch less and another more
    /// than it is: both of them fail, and what is whole lands.
    function test_DEP3_OffsetsInTheWrongPlace() public {
        bytes memory data = abi.encodeCall(depository.processBatches, (empties(3)));
        _setWord(data, OFFSETS + WORD, 3 * WORD);
        _call(data);
        // The first is empty, the second begins where the first should and lies before two others.
        expectNonces(1, 0, 1);
    }

    /// @dev Of a call that is cut off anywhere, that lands which is all there: nothing, the first
    /// batch, or both, of whose last signature the padding may be missing.
    function test_DEP3_Truncated() public {
        bytes memory whole = abi.encodeCall(depository.processBatches, (empties(2)));
        uint256 first = OFFSETS + 2 * WORD + _sizeOfOne();
        for (uint256 size = 0; size < whole.length; size += 31) {
            (bool success, ) = address(depository).call(_first(whole, size));
            assertTrue(success == size >= first, "lands once the first is there");
            expectNonces(size >= first ? 1 : 0, size + 31 >= whole.length ? 1 : 0, 0);
        }
        _call(whole);
    }

    /// @dev What lies behind the last batch is read by nobody.
    function test_DEP3_Oversized() public {
        bytes memory data = abi.encodeCall(depository.processBatches, (empties(3)));
        _call(bytes.concat(data, new bytes(10_000)));
        expectNonces(1, 1, 1);
    }

    /// @dev A batch's own offsets lead nowhere but into itself.
    function test_DEP3_ABatchReadsNothingOfAnother() public {
        bytes memory data = abi.encodeCall(depository.processBatches, (empties(3)));
        uint256 size = _sizeOfOne();
        // The first batch's signature is said to be where the second batch's lies.
        _setWord(data, OFFSETS + 3 * WORD + WORD, 2 * size - 4 * WORD);
        VM.recordLogs();
        _call(data);
        expectFailure(0, 0, "");
        expectNonces(0, 1, 1);
    }

    /// @dev How many failures were reported since logs are recorded.
    function _failures() private returns (uint256 count) {
        Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == Events.BatchFailed.selector) ++count;
        }
    }

    function _expectOffset(
        uint256 index,
        uint256 offset,
        uint256 position,
        uint256 expected
    ) private {
        bytes memory data = abi.encodeCall(depository.processBatches, (empties(3)));
        _setWord(data, OFFSETS + index * WORD, offset);
        (bool success, bytes memory reason) = address(depository).call(data);
        assertTrue(!success, "refused");
        bytes memory refusal = abi.encodeWithSelector(
            Errors.LayoutNotCanonical.selector,
            OFFSETS + position * WORD,
            expected,
            offset
        );
        assertEq(keccak256(reason), keccak256(refusal));
        expectNonces(0, 0, 0);
    }

    /// @dev Bytes that one empty batch takes in a list.
    function _sizeOfOne() private view returns (uint256) {
        return
            abi.encodeCall(depository.processBatches, (empties(2))).length -
            abi.encodeCall(depository.processBatches, (empties(1))).length -
            WORD;
    }

    function _setWord(bytes memory data, uint256 position, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), position), word)
        }
    }

    function _first(bytes memory data, uint256 size) private pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i = 0; i < size; ++i) part[i] = data[i];
    }

    function _call(bytes memory data) private {
        (bool success, ) = address(depository).call(data);
        assertTrue(success, "lands");
    }
}
