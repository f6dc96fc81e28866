// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {StrangerHandler} from "./StrangerHandler.sol";
import {Test} from "./Test.sol";

/// @title What holds whatever tokens do, after every sequence of calls.
contract StrangerInvariantTest is Test {
    uint256 private constant PARTIES = 5;
    uint32 private constant TOKENS = 7;
    uint32 private constant HONEST = 1;
    uint32 private constant STRANGE = 2;

    StrangerHandler private _handler;
    IDepository private _depository;

    function setUp() public {
        _handler = new StrangerHandler();
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
        if (i % 7 == 0) _handler.deposit(a, b, c);
        if (i % 7 == 1) _handler.withdraw(a, b, c % 100);
        if (i % 7 == 2) _handler.pay(a, b, c, (a >> 128) % 300);
        if (i % 7 == 3) _handler.fund(a, b, c, a >> 128);
        if (i % 7 == 4) _handler.process(a % (1 << 170), b);
        if (i % 7 == 5) _handler.behave(a, b, c);
        if (i % 7 == 6) _handler.guard(a);
    }

    /// @dev TST-1: random calls reach every kind of change, so that what holds after them says
    /// something.
    function test_TST1_TheHandlerOfStrangersReachesDeepStates() public {
        for (uint256 i = 0; i < 420; ++i) step(i);
        assertTrue(_handler.allRefused(), "the token came in again");
        for (uint256 kind = 0; kind <= uint256(StrangerHandler.Kind.Reentry); ++kind) {
            assertTrue(_handler.landed(StrangerHandler.Kind(kind)) >= 3, "every kind lands");
        }
        invariant_RCP6_conservationAmongStrangers();
        invariant_RCP6_solvencyAmongStrangers();
        invariant_DEP1_strangersHurtNobodyElse();
        invariant_DEP3_batchesLandWholeOrNotAtAll();
    }

    /// @dev RCP-6: reserves and collateral are what the token's total says, whatever it answers.
    function invariant_RCP6_conservationAmongStrangers() public view {
        for (uint32 token = 1; token <= TOKENS; ++token) {
            (, , , uint128 total) = _depository.tokenOf(token);
            assertEq(_sum(token), total);
        }
    }

    /// @dev RCP-6: the Depository holds at least what it owes of every token that does not lie
    /// about what it holds.
    function invariant_RCP6_solvencyAmongStrangers() public view {
        for (uint32 token = 1; token <= TOKENS; ++token) {
            if (token == STRANGE) continue;
            assertTrue(_handler.heldOf(token) >= _sum(token), "holds what it owes");
        }
    }

    /// @dev DEP-1: what one token does moves no other.
    function invariant_DEP1_strangersHurtNobodyElse() public view {
        for (uint256 party = 0; party < PARTIES; ++party) {
            uint128 reserve = _depository.reserveOf(_handler.partyOf(party), HONEST);
            assertEq(reserve, _handler.reserves(party));
        }
    }

    /// @dev DEP-3: of many batches each lands whole, or not at all; each nonce serves once.
    function invariant_DEP3_batchesLandWholeOrNotAtAll() public view {
        for (uint256 party = 0; party < PARTIES; ++party) {
            assertEq(_depository.nonceOf(_handler.partyOf(party)), _handler.nonces(party));
        }
    }

    /// @dev DEP-1: no token comes in again while a door is open.
    function invariant_DEP1_nobodyComesInAgain() public {
        assertTrue(_handler.allRefused(), "the token came in again");
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
}
