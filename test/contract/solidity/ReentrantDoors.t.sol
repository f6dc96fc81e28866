// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DebtSweep, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {SignedBatch} from "../../../contracts/type/Operation.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {PlanFixture} from "./PlanFixture.sol";
import {ReentrantToken} from "./Token.sol";

/// @title DEP-1: the doors of plans, disputes, debts and many batches are closed to a token that
/// is being pulled, like those in Reentrancy.t.sol.
contract ReentrantDoorsTest is DisputeFixture, PlanFixture {
    using EnforcementBuild for Enforcement;

    ReentrantToken private _asset;
    uint32 private _token;
    bytes[] private _doors;

    /// @dev Two disputes: the window of the second one is over, that of the first one is not.
    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
        _asset = new ReentrantToken();
        _token = depository.registerToken(1, address(_asset), 0);
        _asset.mint(address(this), 1000);
        _asset.approve(address(depository), 1000);
        Claim memory over = claim(5, 100);
        (over.left, over.right) = (2, 3);
        (over.leftResponse, over.rightResponse) = (0, 0);
        start(2, over);
        Live memory ended = Live(windowOf(BY_LEFT, MIN_WINDOW), hashOf(over));
        passWindow(ended);
        Live memory live = start(0, claim(5, 100));
        _makeDoors(live, ended, over);
    }

    function test_DEP1_NoDoorIsOpenWhileATokenIsPulled() public {
        _asset.arm(depository, _doors, false);
        depository.deposit(ids[0], _token, 10);
        bytes[] memory answers = _asset.answers();
        assertTrue(answers.length != 0 && answers.length % _doors.length == 0, "called");
        bytes32 closed = keccak256(abi.encodeWithSelector(Errors.Reentered.selector));
        for (uint256 i = 0; i < answers.length; ++i) assertEq(keccak256(answers[i]), closed);
        assertEq(depository.reserveOf(ids[0], _token), 10);
        assertEq(uint64(headOf(claim(0, 0))), 5);
    }

    /// @dev What the token is refused is the moment.
    function test_DEP1_TheseDoorsOpenAlone() public {
        for (uint256 i = 0; i < _doors.length; ++i) {
            VM.prank(address(_asset));
            (bool success, ) = address(depository).call(_doors[i]);
            assertTrue(success, "opens");
        }
        assertEq(uint64(headOf(claim(0, 0))), 6);
    }

    function _makeDoors(Live memory live, Live memory ended, Claim memory over) private {
        _doors.push(abi.encodeCall(depository.processBatches, (new SignedBatch[](0))));
        Draft memory plan = certified(draft(2));
        _doors.push(abi.encodeCall(depository.commitPlan, (plan.terms, plan.list)));
        Enforcement memory e;
        e.addPreimage(keccak256("preimage"));
        _doors.push(abi.encodeCall(depository.enforce, (e)));
        putCounter(e, live, claim(6, 90), 0, 1);
        _doors.push(abi.encodeCall(depository.counter, (e.counters[0], e.rows, "", e.signatures)));
        putFinalisation(e, ended, over);
        _doors.push(
            abi.encodeCall(
                depository.finalise,
                (e.finalisations[0], over.rows, "", new uint32[](0))
            )
        );
        DebtSweep[] memory sweeps = new DebtSweep[](1);
        sweeps[0] = DebtSweep(ids[0], 1, 0);
        _doors.push(abi.encodeCall(depository.enforceDebts, (sweeps, new bytes32[](0))));
    }
}
