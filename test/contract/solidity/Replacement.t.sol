// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {Log} from "./Test.sol";

/// @title ENT-5: replacing the board of a number. Reverts first, each named after its error.
contract ReplacementTest is BoardFixture {
    uint256 private constant START = 1_900_000_000;
    uint64 private number;
    bytes32 private entity;

    function setUp() public {
        deploy();
        VM.warp(START);
        number = registerSole(0);
        entity = entityOf(number);
    }

    // Reverts

    function test_ENT5_TimesInvalid() public {
        _refuseTimes(1, 0);
        _refuseTimes(GRACE - 1, GRACE);
        create("EntityProvider.sol:EntityProvider", abi.encode(GRACE, GRACE));
        create("EntityProvider.sol:EntityProvider", abi.encode(uint32(1), uint32(1)));
    }

    /// @dev No window outlasts the grace, and none is as long as the delay: as of a dispute's start
    /// an entity has one board before the current one that could count, and no later one yet.
    function test_ENT5_WindowTooLong() public {
        _refuseWindow(DELAY, GRACE, GRACE + 1);
        _refuseWindow(GRACE, GRACE, GRACE);
        this.createEnforcement(DELAY, GRACE, GRACE);
        this.createEnforcement(GRACE, GRACE, GRACE - 1);
    }

    function test_ENT5_NumberNotGiven() public {
        bytes memory reason = abi.encodeWithSelector(IEntityProvider.NumberNotGiven.selector, 2);
        bytes32 next = hashOf(1);
        VM.expectRevert(reason);
        provider.proposeBoard(2, next, "");
        VM.expectRevert(reason);
        provider.cancelBoard(2, "");
        VM.expectRevert(reason);
        provider.tenureCountOf(2);
        VM.expectRevert(reason);
        provider.tenureOf(2, 0);
        VM.expectRevert(reason);
        provider.verifyAsOf(entityOf(2), DIGEST, _signed(0, 2), uint64(START));
    }

    function test_ENT5_BoardHashInvalid() public {
        bytes32 narrow = bytes32(uint256(type(uint160).max));
        bytes memory signature = replacement(0, number, narrow);
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.BoardHashInvalid.selector, narrow));
        provider.proposeBoard(number, narrow, signature);
    }

    function test_ENT5_ProposalPending() public {
        propose(0, number, 1);
        bytes32 next = hashOf(2);
        bytes memory signature = replacement(0, number, next);
        VM.warp(START + DELAY - 1);
        bytes4 selector = IEntityProvider.ProposalPending.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, number, START + DELAY));
        provider.proposeBoard(number, next, signature);
        // From activation on the next one may be proposed, by the board that is current then.
        VM.warp(START + DELAY);
        propose(1, number, 2);
        assertEq(provider.tenureCountOf(number), 3);
    }

    function test_ENT5_ProposalNotPending() public {
        bytes4 selector = IEntityProvider.ProposalNotPending.selector;
        bytes memory reason = abi.encodeWithSelector(selector, number);
        bytes memory signature = cancellation(0, number);
        VM.expectRevert(reason);
        provider.cancelBoard(number, signature);
        // In the second of activation it is too late, whoever signs.
        propose(0, number, 1);
        VM.warp(START + DELAY);
        signature = cancellation(0, number);
        VM.expectRevert(reason);
        provider.cancelBoard(number, signature);
        signature = cancellation(1, number);
        VM.expectRevert(reason);
        provider.cancelBoard(number, signature);
    }

    function test_ENT5_TenureNotGiven() public {
        bytes4 selector = IEntityProvider.TenureNotGiven.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, number, 1));
        provider.tenureOf(number, 1);
        propose(0, number, 1);
        VM.expectRevert(abi.encodeWithSelector(selector, number, 2));
        provider.tenureOf(number, 2);
    }

    function test_ENT5_TimeAhead() public {
        bytes memory signature = _signed(0, number);
        bytes4 selector = IEntityProvider.TimeAhead.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, START + 1, START));
        provider.verifyAsOf(entity, DIGEST, signature, uint64(START + 1));
        provider.verifyAsOf(entity, DIGEST, signature, uint64(START));
    }

    // Who may

    function test_ENT5_OnlyTheCurrentBoardProposes() public {
        bytes32 next = hashOf(1);
        bytes memory signature = replacement(1, number, next);
        VM.expectRevert(notOfEntity(1, entity));
        provider.proposeBoard(number, next, signature);
    }

    function test_ENT5_TheIncomingBoardActsFromItsActivation() public {
        propose(0, number, 1);
        bytes memory signature = cancellation(1, number);
        VM.expectRevert(notOfEntity(1, entity));
        provider.cancelBoard(number, signature);
        VM.warp(START + DELAY);
        propose(1, number, 2);
    }

    function test_ENT5_TheRetiredBoardActsNoMore() public {
        propose(0, number, 1);
        VM.warp(START + DELAY);
        bytes32 next = hashOf(0);
        bytes memory signature = replacement(0, number, next);
        VM.expectRevert(notOfEntity(0, entity));
        provider.proposeBoard(number, next, signature);
        // Nor does it cancel what its successor has proposed.
        propose(1, number, 2);
        signature = cancellation(0, number);
        VM.expectRevert(notOfEntity(0, entity));
        provider.cancelBoard(number, signature);
    }

    // What happens

    function test_ENT5_ProposedThenActive() public {
        VM.recordLogs();
        propose(0, number, 1);
        Log[] memory logs = VM.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], IEntityProvider.BoardProposed.selector);
        assertEq(logs[0].topics[1], entity);
        assertEq(logs[0].topics[2], hashOf(1));
        assertEq(bytes32(logs[0].data), bytes32(START + DELAY));

        assertEq(provider.nonceOf(entity), 1);
        assertEq(provider.boardHashOf(number), hashOf(0));
        _assertTenure(0, hashOf(0), 0);
        _assertTenure(1, hashOf(1), START + DELAY);
        VM.warp(START + DELAY);
        assertEq(provider.boardHashOf(number), hashOf(1));
    }

    function test_ENT5_Cancelled() public {
        propose(0, number, 1);
        VM.warp(START + DELAY - 1);
        VM.recordLogs();
        cancel(0, number);
        Log[] memory logs = VM.getRecordedLogs();
        assertEq(logs[0].topics[0], IEntityProvider.BoardCancelled.selector);
        assertEq(logs[0].topics[1], entity);
        assertEq(logs[0].topics[2], hashOf(1));

        assertEq(provider.nonceOf(entity), 2);
        assertEq(provider.tenureCountOf(number), 1);
        VM.warp(START + 2 * uint256(DELAY));
        assertTrue(counts(0, number), "the board stays");
        assertTrue(!counts(1, number), "the cancelled one never was");
        assertEq(countsAsOf(1, number, START + DELAY), 0);
        // What was taken back may be proposed again.
        propose(0, number, 1);
        VM.warp(START + 3 * uint256(DELAY));
        assertTrue(counts(1, number), "the second time it became current");
    }

    /// @dev A cancellation of a later proposal leaves the tenures before it as they were.
    function test_ENT5_CancelledAfterAReplacement() public {
        propose(0, number, 1);
        VM.warp(START + DELAY);
        propose(1, number, 2);
        cancel(1, number);
        assertEq(provider.tenureCountOf(number), 2);
        assertTrue(counts(1, number), "still current");
        assertEq(countsAsOf(0, number, START + DELAY), 2);
        assertEq(countsAsOf(0, number, START + DELAY - 1), 1);
    }

    /// @dev A board may come back; then it is current, not retired.
    function test_ENT5_ABoardThatComesBack() public {
        propose(0, number, 1);
        VM.warp(START + DELAY);
        propose(1, number, 0);
        VM.warp(START + 2 * uint256(DELAY));
        assertEq(countsAsOf(0, number, START + 2 * uint256(DELAY)), 1);
        assertEq(countsAsOf(1, number, START + 2 * uint256(DELAY)), 2);
    }

    function _refuseTimes(uint32 delay, uint32 grace) private {
        bytes4 selector = IEntityProvider.TimesInvalid.selector;
        try this.createProvider(delay, grace) {
            revert NotTrue("accepted");
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(selector, delay, grace);
            assertEq(keccak256(reason), keccak256(expected));
        }
    }

    function _refuseWindow(uint32 delay, uint32 grace, uint32 longest) private {
        bytes4 selector = IDepositoryErrors.WindowTooLong.selector;
        try this.createEnforcement(delay, grace, longest) {
            revert NotTrue("accepted");
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(selector, longest, delay, grace);
            assertEq(keccak256(reason), keccak256(expected));
        }
    }

    function createEnforcement(uint32 delay, uint32 grace, uint32 longest) external {
        bytes memory times = abi.encode(delay, grace);
        address boards = create("EntityProvider.sol:EntityProvider", times);
        create("Enforcement.sol:Enforcement", abi.encode(boards, uint32(1), longest));
    }

    function createProvider(uint32 delay, uint32 grace) external {
        create("EntityProvider.sol:EntityProvider", abi.encode(delay, grace));
    }

    function _signed(uint256 party, uint64 whose) private view returns (bytes memory) {
        return signSole(party, entityOf(whose), DIGEST);
    }

    function _assertTenure(uint64 index, bytes32 hash, uint256 since) private view {
        (bytes32 actual, uint64 from) = provider.tenureOf(number, index);
        assertEq(actual, hash);
        assertEq(from, since);
    }
}
