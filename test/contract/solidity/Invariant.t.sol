// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {Handler} from "./Handler.sol";
import {Test} from "./Test.sol";

/// @title What holds after every sequence of calls.
contract InvariantTest is Test {
    uint256 private constant PARTIES = 5;

    Handler private _handler;
    IDepository private _depository;

    function setUp() public virtual {
        _handler = new Handler();
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
        uint256 c = uint256(keccak256(abi.encode("c", i)));
        uint256 d = uint256(keccak256(abi.encode("d", i)));
        if (i % 7 == 0) _handler.deposit(a, b, c);
        if (i % 7 == 1) _handler.withdraw(a, b, c);
        if (i % 7 == 2) _handler.pay(a, b, c, d);
        if (i % 7 == 3) _handler.fund(a, b, c, d, a >> 9);
        if (i % 7 == 4) _handler.takeOut(a, b, c, d >> 140, a >> 9);
        if (i % 7 == 5) _handler.settle(a, b, c, int256(d), int256(a), b >> 9, c % 2 == 0);
        if (i % 7 == 6) _handler.ring(a, b, c, d);
    }

    /// @dev TST-1: random calls reach every kind of change many times over, so that what holds
    /// after them says something.
    function test_TST1_TheHandlerReachesDeepStates() public {
        for (uint256 i = 0; i < 400; ++i) step(i);
        for (uint256 kind = 0; kind < 7; ++kind) {
            assertTrue(_handler.landed(Handler.Kind(kind)) >= 5, "every kind lands");
        }
        invariant_RCP6_conservation();
        invariant_RCP6_solvency();
        invariant_DEP4_numbers();
        invariant_DEP4_fairness();
    }

    /// @dev RCP-6: reserves and collateral are what came in less what went out, no more, no less.
    function invariant_RCP6_conservation() public view {
        for (uint32 token = 1; token <= 2; ++token) {
            (, , , uint128 total) = _depository.tokenOf(token);
            assertEq(_sum(token), _handler.expectedTotal(token - 1));
            assertEq(total, _handler.expectedTotal(token - 1));
        }
    }

    /// @dev RCP-6: the Depository holds at least what it owes.
    function invariant_RCP6_solvency() public view {
        for (uint32 token = 1; token <= 2; ++token) {
            uint256 held = _handler.assetOf(token - 1).balanceOf(address(_depository));
            assertTrue(held >= _sum(token), "holds what it owes");
        }
    }

    /// @dev DEP-4: no number moves money twice, none below a used one does, and each is stored.
    function invariant_DEP4_numbers() public view {
        assertTrue(!_handler.numberReused(), "a number was used twice");
        for (uint256 left = 0; left < PARTIES; ++left) {
            for (uint256 right = left + 1; right < PARTIES; ++right) {
                (uint64 epoch, uint64 number) = _depository.accountOf(
                    _handler.partyOf(left),
                    _handler.partyOf(right)
                );
                assertEq(epoch, 0);
                assertTrue(number >= _handler.highest(left, right), "a number was lost");
            }
        }
    }

    /// @dev DEP-4: settlements and releases are fair: reserve and claims of an entity together
    /// change only by what it was given or gave.
    function invariant_DEP4_fairness() public view {
        for (uint32 token = 1; token <= 2; ++token) {
            for (uint256 party = 0; party < PARTIES; ++party) {
                assertEq(_wealth(token, party), _handler.expectedWealth(token - 1, party));
            }
        }
    }

    function _sum(uint32 token) private view returns (uint256 sum) {
        for (uint256 left = 0; left < PARTIES; ++left) {
            bytes32 id = _handler.partyOf(left);
            sum += _depository.reserveOf(id, token);
            for (uint256 right = left + 1; right < PARTIES; ++right) {
                (, uint128 collateral) = _depository.moneyOf(id, _handler.partyOf(right), token);
                sum += collateral;
            }
        }
    }

    function _wealth(uint32 token, uint256 party) private view returns (int256 wealth) {
        bytes32 id = _handler.partyOf(party);
        wealth = int256(uint256(_depository.reserveOf(id, token)));
        for (uint256 other = 0; other < PARTIES; ++other) {
            bytes32 peer = _handler.partyOf(other);
            if (id == peer) continue;
            bool isLeft = id < peer;
            (int256 ondelta, uint128 collateral) = _depository.moneyOf(
                isLeft ? id : peer,
                isLeft ? peer : id,
                token
            );
            wealth += isLeft ? ondelta : int256(uint256(collateral)) - ondelta;
        }
    }
}
