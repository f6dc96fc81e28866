// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Enforcement, Fill} from "../../../contracts/type/Enforcement.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title CND-1: limit orders: what their takers record, and what that moves.
contract LimitOrderTest is ConditionFixture {
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;
    uint64 private constant DEADLINE = START + 200_000;
    bytes32 private constant ORDER = keccak256("order");

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
    }

    // Recording

    function test_CND1_CarrierNeeded() public {
        Enforcement memory enforcement;
        enforcement.add(Fill(ids[1], 0, ORDER, DEADLINE, 1));
        VM.expectRevert(abi.encodeWithSelector(Errors.CarrierNeeded.selector));
        depository.enforce(enforcement);
    }

    function test_CND1_EnforcementMalformed() public {
        Enforcement memory enforcement;
        enforcement.add(Fill(ids[1], 0, ORDER, 1 << 64, 1));
        refuse(0, enforcement, Errors.EnforcementMalformed.selector);
        enforcement.fills[0] = Fill(ids[1], 0, ORDER, DEADLINE, WHOLE + 1);
        refuse(0, enforcement, Errors.EnforcementMalformed.selector);
        enforcement.fills[0] = Fill(ids[0], 0, ORDER, DEADLINE, WHOLE);
        refuse(0, enforcement, Errors.PartiesUnordered.selector);
    }

    function test_CND1_EpochInvalid() public {
        Enforcement memory enforcement;
        enforcement.add(Fill(ids[1], 1, ORDER, DEADLINE, 1));
        bytes memory reason = abi.encodeWithSelector(Errors.EpochInvalid.selector, 0, 1);
        submitExpecting(0, enforcement.alone(), reason);
        outcome(claim(5, 0));
        submit(0, enforcement.alone());
        enforcement.fills[0].epoch = 0;
        expectSkipped(0, 1, 4, abi.encodeWithSelector(Errors.EpochInvalid.selector, 1, 0));
        submit(0, enforcement.alone());
    }

    /// @dev CND-2: in time at the deadline, void a second later.
    function test_CND2_DeadlinePassed() public {
        VM.warp(DEADLINE);
        take(0, 1, ORDER, DEADLINE, 1);
        VM.warp(DEADLINE + 1);
        bytes4 selector = Errors.DeadlinePassed.selector;
        expectSkipped(0, 1, 4, abi.encodeWithSelector(selector, DEADLINE, DEADLINE + 1));
        take(0, 1, ORDER, DEADLINE, 2);
        assertEq(_ratio(0), 1);
    }

    /// @dev CND-1: what was taken stays taken.
    function test_CND1_RatioInvalid() public {
        take(0, 1, ORDER, DEADLINE, 9);
        for (uint256 ratio = 0; ratio < 10; ratio += 3) {
            expectSkipped(0, 1, 4, abi.encodeWithSelector(Errors.RatioInvalid.selector, 9, ratio));
            take(0, 1, ORDER, DEADLINE, ratio);
        }
        take(0, 1, ORDER, DEADLINE, 10);
        assertEq(_ratio(0), 10);
    }

    function test_CND1_OrderFilled() public {
        Enforcement memory enforcement;
        enforcement.add(Fill(ids[0], 0, ORDER, DEADLINE, 7));
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.OrderFilled(ids[0], ids[1], ORDER, true, 0, DEADLINE, 7);
        submit(1, enforcement.alone());
        assertEq(_ratio(1), 7);
    }

    // Applying

    /// @dev CND-1: rounded against the taker, whichever way it goes.
    function test_CND1_LeftTakes() public {
        take(0, 1, ORDER, DEADLINE, WHOLE / 2);
        assertEq(_resolve(0, 41, -41), 120);
        assertEq(gain(2), 79);
    }

    function test_CND1_RightTakes() public {
        take(1, 0, ORDER, DEADLINE, WHOLE / 2);
        assertEq(_resolve(1, 41, -41), 121);
        assertEq(gain(2), 80);
    }

    /// @dev An order that was taken whole is decided: nobody waits for its deadline.
    function test_CND2_TakenWhole() public {
        take(0, 1, ORDER, DEADLINE, WHOLE);
        Claim memory proof = _order(0, 41, -41);
        Live memory live = start(0, proof);
        passWindow(live);
        finalise(live, proof);
        assertEq(gain(1), 141);
        assertEq(gain(2), 59);
    }

    function test_CND2_ConditionUndecided() public {
        Claim memory proof = _order(0, 41, -41);
        Live memory live = start(0, proof);
        passWindow(live);
        take(0, 1, ORDER, DEADLINE, WHOLE - 1);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        VM.expectRevert(abi.encodeWithSelector(Errors.ConditionUndecided.selector, 0, DEADLINE));
        depository.enforce(enforcement);
        VM.warp(DEADLINE + 1);
        finalise(live, proof);
        assertEq(gain(1), 140);
        assertEq(gain(2), 59);
    }

    function test_CND1_NotTaken() public {
        assertEq(_resolve(0, 41, -41), 100);
    }

    /// @dev CND-1: the maker takes nothing in the taker's place.
    function test_CND1_OnlyTheTakerTakes() public {
        take(1, 0, ORDER, DEADLINE, WHOLE);
        assertEq(_resolve(0, 41, -41), 100);
    }

    /// @dev CND-1: a fill is of one account, one order, one deadline.
    function test_CND1_AFillIsOfOneOrder() public {
        take(0, 2, ORDER, DEADLINE, WHOLE);
        take(0, 1, keccak256("another"), DEADLINE, WHOLE);
        take(0, 1, ORDER, DEADLINE + 1, WHOLE);
        assertEq(_resolve(0, 41, -41), 100);
    }

    /// @dev CND-1: both legs, or none.
    function test_CND1_BothLegsOrNone() public {
        take(0, 1, ORDER, DEADLINE, WHOLE);
        assertEq(_resolve(0, 41, -1101), 100);
        assertEq(gain(2), 100);
    }

    function testFuzz_CND1_Rounding(int128 amount, uint32 ratio, bool leftTakes) public {
        amount = int128(int256(bound(uint256(int256(amount)), 0, 1000))) - 500;
        uint8 taker = leftTakes ? 0 : 1;
        if (ratio != 0) take(taker, 1 - taker, ORDER, DEADLINE, ratio);
        int256 exact = int256(amount) * int256(uint256(ratio));
        int256 rounded = exact / int256(WHOLE);
        bool cut = rounded * int256(WHOLE) != exact;
        if (cut && exact < 0 && leftTakes) --rounded;
        if (cut && exact > 0 && !leftTakes) ++rounded;
        assertEq(_resolve(taker, amount, 0), 100 + rounded);
    }

    function _order(uint8 taker, int128 one, int128 two) private pure returns (Claim memory) {
        bytes memory moves = bytes.concat(move(1, one), move(2, two));
        Claim memory proof = withSecond(claim(5, 100), 100, 1000, 1000);
        return withSlot(proof, offer(DEADLINE, ORDER, taker, moves));
    }

    /// @return What left gains in token 1 when the deadline has passed.
    function _resolve(uint8 taker, int128 one, int128 two) private returns (int256) {
        Claim memory proof = _order(taker, one, two);
        Live memory live = start(0, proof);
        VM.warp(DEADLINE + 1);
        finalise(live, proof);
        return gain(1);
    }

    function _ratio(uint8 taker) private view returns (uint64) {
        bytes32 key = keyOf(claim(0, 0));
        return
            depository.ratioOf(keccak256(abi.encodePacked(key, uint64(0), ORDER, DEADLINE, taker)));
    }
}
