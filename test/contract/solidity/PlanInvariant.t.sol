// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {PlanHandler} from "./PlanHandler.sol";
import {Test} from "./Test.sol";

/// @title What holds after every sequence of plans and settlements.
contract PlanInvariantTest is Test {
    uint256 private constant PARTIES = 5;

    PlanHandler private _handler;
    IDepository private _depository;

    function setUp() public {
        _handler = new PlanHandler();
        _depository = _handler.target();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice One random call: the same for each number.
    function step(uint256 i) public {
        uint256 a = uint256(keccak256(abi.encode("a", i)));
        uint256 b = uint256(keccak256(abi.encode("b", i)));
        if (i % 6 == 0) _handler.settle(a, b, b >> 255 == 0);
        if (i % 6 == 1 || i % 6 == 3 || i % 6 == 4) _handler.commitNext(a, b);
        if (i % 6 == 2) _handler.commitAgain(a);
        if (i % 6 == 5) _handler.pass(a);
    }

    /// @dev TST-1: random calls reach every kind of change, so that what holds after them says
    /// something.
    function test_TST1_TheHandlerOfPlansReachesDeepStates() public {
        for (uint256 i = 0; i < 240; ++i) step(i);
        for (uint256 kind = 0; kind <= uint256(PlanHandler.Kind.Again); ++kind) {
            assertTrue(_handler.landed(PlanHandler.Kind(kind)) >= 3, "every kind lands");
        }
        invariant_NET6_plansLandWholeOrNotAtAll();
        invariant_NET6_plansAreMarkedOnce();
    }

    /// @dev NET-6: every reserve and claim is what the settlements of the plans that landed say,
    /// all of them and no other's; and accounts' numbers are those of settlements alone.
    function invariant_NET6_plansLandWholeOrNotAtAll() public view {
        for (uint32 token = 1; token <= 2; ++token) {
            for (uint256 left = 0; left < PARTIES; ++left) {
                bytes32 id = _handler.partyOf(left);
                uint256 reserve = _depository.reserveOf(id, token);
                assertEq(int256(reserve), _handler.reserves(left, token));
                for (uint256 right = left + 1; right < PARTIES; ++right) {
                    _checkAccount(left, right, token);
                }
            }
        }
    }

    /// @dev NET-6: what landed was signed by all in time, is marked with its time, and lands once;
    /// what did not land has no mark.
    function invariant_NET6_plansAreMarkedOnce() public view {
        assertTrue(!_handler.wrong(), "a plan landed that should not");
        uint256 count = _handler.planCount();
        for (uint256 i = 0; i < count; ++i) {
            (bytes32 plan, , ) = _handler.plans(i);
            assertEq(_depository.planCommittedAt(plan), _handler.marks(plan));
        }
    }

    function _checkAccount(uint256 left, uint256 right, uint32 token) private view {
        (bytes32 a, bytes32 b) = (_handler.partyOf(left), _handler.partyOf(right));
        (int128 ondelta, uint128 collateral) = _depository.moneyOf(a, b, token);
        (int256 expected, int256 held) = _handler.moneys(left, right, token);
        assertEq(int256(ondelta), expected);
        assertEq(int256(uint256(collateral)), held);
        (, uint64 number) = _depository.accountOf(a, b);
        assertEq(number, _handler.numbers(left, right));
    }
}
