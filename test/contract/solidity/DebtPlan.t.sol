// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {DebtFixture} from "./DebtFixture.sol";
import {PlanFixture} from "./PlanFixture.sol";

/// @title DEB-1 in plans: settlements that are committed together are judged on balance, too.
contract DebtPlanTest is DebtFixture, PlanFixture {
    function setUp() public {
        deploy();
        fill();
        bankrupt(0, 1, 1, 700);
        give(0, 1, 500);
    }

    function test_DEB1_DebtsOpen_Plan() public {
        Draft memory self = add(add(draft(3), pays(0, 1, 300)), pays(0, 2, -299));
        refuse(certified(self), abi.encodeWithSelector(Errors.DebtsOpen.selector, ids[0], 1));
        assertEq(committedAt(self), 0);
    }

    function test_DEB1_AReserveMayRiseInAPlan() public {
        uint256 before = reserve(1, 1);
        commit(certified(add(add(draft(3), pays(0, 1, 300)), pays(0, 2, -301))));
        assertEq(reserve(0, 1), 501);
        assertEq(reserve(1, 1), before + 300);
        assertQueue(0, 1, 0, 1);
    }

    /// @dev What a plan brings in pays the debts; afterwards the reserve is free.
    function test_DEB1_APlanMayBringInWhatIsOwed() public {
        commit(certified(add(draft(3), pays(0, 2, -201))));
        sweep(0, 1, some(1));
        assertQueue(0, 1, 1, 1);
        submit(0, payment(1, ids[1], 1));
        assertEq(reserve(0, 1), 0);
    }
}
