// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DepositoryStorage} from "../../../contracts/DepositoryStorage.sol";
import {DebtRun} from "../../../contracts/library/DebtRun.sol";
import {Reserves} from "../../../contracts/library/Reserves.sol";
import {DebtSweep, Enforcement, Forgiveness} from "../../../contracts/type/Enforcement.sol";
import {Operations} from "../../../contracts/type/Operation.sol";
import {Fixture} from "./Fixture.sol";

/// @title What a finalisation does about what is owed, and nothing else.
contract Charger is DepositoryStorage {
    using Reserves for Reserves.State;

    function charge(bytes32 debtor, bytes32 creditor, uint256 token, uint256 amount) external {
        uint256 paid = DebtRun.charge(_book, debtor, creditor, token, amount);
        if (paid != 0) _book.reserves.credit(creditor, token, paid);
    }
}

/// @title Debts in the Depository's own storage, without a dispute.
abstract contract DebtFixture is Fixture {
    bytes32[] internal pool;
    DebtSweep[] internal sweeps;

    /// @dev The Depository is another contract for the length of one call.
    function charge(uint256 debtor, uint256 creditor, uint32 token, uint256 amount) internal {
        chargeIds(ids[debtor], ids[creditor], token, amount);
    }

    function chargeIds(bytes32 debtor, bytes32 creditor, uint32 token, uint256 amount) internal {
        address target = address(depository);
        bytes memory code = target.code;
        VM.etch(target, type(Charger).runtimeCode);
        Charger(target).charge(debtor, creditor, token, amount);
        VM.etch(target, code);
    }

    /// @dev Everything that a party has in a token becomes a creditor's, and more is owed.
    function bankrupt(uint256 debtor, uint256 creditor, uint32 token, uint256 debt) internal {
        charge(debtor, creditor, token, reserve(debtor, token) + debt);
    }

    function reserve(uint256 party, uint32 token) internal view returns (uint256) {
        return depository.reserveOf(ids[party], token);
    }

    function owed(uint256 debtor, uint32 token, uint64 index) internal view returns (uint256) {
        (, uint128 amount) = depository.debtAt(ids[debtor], token, index);
        return amount;
    }

    function assertQueue(uint256 debtor, uint32 token, uint64 head, uint64 tail) internal view {
        (uint64 first, uint64 next) = depository.debtsOf(ids[debtor], token);
        assertEq(first, head);
        assertEq(next, tail);
    }

    /// @dev Tokens come in from outside.
    function give(uint256 party, uint32 token, uint256 amount) internal {
        assets[token - 1].mint(address(this), amount);
        assets[token - 1].approve(address(depository), amount);
        depository.deposit(ids[party], token, uint128(amount));
    }

    /// @dev Adds a sweep to the next call of `sweepAll`.
    function plan(uint256 debtor, uint32 token, uint256[] memory creditors) internal {
        sweeps.push(DebtSweep(ids[debtor], token, creditors.length));
        for (uint256 i = 0; i < creditors.length; ++i) pool.push(ids[creditors[i]]);
    }

    function sweepAll() internal {
        depository.enforceDebts(sweeps, pool);
        delete sweeps;
        delete pool;
    }

    function sweep(uint256 debtor, uint32 token, uint256[] memory creditors) internal {
        plan(debtor, token, creditors);
        sweepAll();
    }

    function some(uint256 a) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = a;
    }

    function some(uint256 a, uint256 b) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    function some(uint256 a, uint256 b, uint256 c) internal pure returns (uint256[] memory list) {
        list = new uint256[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function repeated(uint256 party, uint256 times) internal pure returns (uint256[] memory list) {
        list = new uint256[](times);
        for (uint256 i = 0; i < times; ++i) list[i] = party;
    }

    function forgiveness(
        uint256 debtor,
        uint32 token,
        uint256 index
    ) internal view returns (Operations memory operations) {
        operations.enforcements = new Enforcement[](1);
        operations.enforcements[0].forgivenesses = new Forgiveness[](1);
        operations.enforcements[0].forgivenesses[0] = Forgiveness(ids[debtor], token, index);
    }

    function forgive(uint256 creditor, uint256 debtor, uint32 token, uint256 index) internal {
        submit(creditor, forgiveness(debtor, token, index));
    }
}
