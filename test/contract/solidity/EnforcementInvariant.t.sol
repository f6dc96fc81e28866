// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {EnforcementHandler} from "./EnforcementHandler.sol";
import {Test} from "./Test.sol";

/// @title What holds after every sequence of disputes, counters, locks, closings and debts.
contract EnforcementInvariantTest is Test {
    uint256 private constant MEMBERS = 4;

    EnforcementHandler private _handler;
    IDepository private _depository;

    function setUp() public virtual {
        _handler = new EnforcementHandler();
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
        uint256 seed = uint256(keccak256(abi.encode("seed", i)));
        uint256 kind = i % 12;
        if (kind == 0) _handler.deposit(a, b, seed);
        if (kind == 1) _handler.fund(a, b, seed, seed >> 255 == 0);
        if (kind == 2) _handler.settle(a, b, seed, seed >> 255 == 0);
        if (kind == 3 || kind == 4) _handler.start(a, b % 2 == 0, seed);
        if (kind == 5 || kind == 6) _handler.counter(a, b, seed);
        if (kind == 7) _handler.reveal(a);
        if (kind == 8 || kind == 10) _handler.finalise(a, b % 2 == 0, seed);
        if (kind == 9) _handler.pass(b);
        if (kind == 11) _handler.sweep(a, b, seed);
        if (i % 40 == 39) _handler.forgive(a, b, seed);
    }

    /// @dev TST-1: random calls reach every kind of change, so that what holds after them says
    /// something.
    function test_TST1_TheHandlerOfEnforcementReachesDeepStates() public {
        for (uint256 i = 0; i < 900; ++i) step(i);
        for (uint256 kind = 0; kind <= uint256(EnforcementHandler.Kind.Forgiveness); ++kind) {
            assertTrue(_handler.landed(EnforcementHandler.Kind(kind)) != 0, _nameOf(kind));
        }
        invariant_RCP6_conservationInDisputes();
        invariant_RCP6_solvencyInDisputes();
        invariant_DIS4_singlePayout();
        invariant_DIS2_numbers();
        invariant_DIS5_phase();
        invariant_DEB1_queue();
    }

    /// @dev TST-1: found by the long campaign, whose model gave a start without a proof a lock.
    function test_TST1_AStartWithoutAProofHasNoLock() public {
        _handler.reveal(207);
        _handler.start(0, true, type(uint256).max);
        _handler.finalise(0, false, 0);
        assertTrue(_handler.landed(EnforcementHandler.Kind.BareStart) != 0, "it starts");
        assertTrue(_handler.landed(EnforcementHandler.Kind.Acceptance) != 0, "it is accepted");
        invariant_DIS4_singlePayout();
        invariant_DEB1_queue();
    }

    /// @dev RCP-6: closing an account moves money, and makes none.
    function invariant_RCP6_conservationInDisputes() public view {
        for (uint32 token = 1; token <= 2; ++token) {
            (, , , uint128 total) = _depository.tokenOf(token);
            assertEq(_sum(token), _handler.expectedTotal(token));
            assertEq(total, _handler.expectedTotal(token));
        }
    }

    /// @dev RCP-6: the Depository holds at least what it owes.
    function invariant_RCP6_solvencyInDisputes() public view {
        for (uint32 token = 1; token <= 2; ++token) {
            uint256 held = _handler.assetOf(token).balanceOf(address(_depository));
            assertTrue(held >= _sum(token), "holds what it owes");
        }
    }

    /// @dev DIS-4: each closing pays once, what the winning body says within its credit limits:
    /// collateral by RCP-2, then the debtor's reserve, then a debt; and leaves its rows at zero.
    function invariant_DIS4_singlePayout() public view {
        assertTrue(!_handler.payoutWrong(), "a closing paid something else");
    }

    /// @dev DIS-2: no number counts twice in an epoch, none below a used one, no settlement lands
    /// in a live dispute, and no starter counters itself alone.
    function invariant_DIS2_numbers() public view {
        assertTrue(!_handler.numberReused(), "a number counted that should not");
    }

    /// @dev DIS-5: a dispute is live from its start to its closing; epochs grow by one a closing.
    function invariant_DIS5_phase() public view {
        for (uint256 left = 0; left < MEMBERS; ++left) {
            for (uint256 right = left + 1; right < MEMBERS; ++right) {
                bytes32 a = _handler.partyOf(left);
                bytes32 b = _handler.partyOf(right);
                (uint256 head, ) = _depository.disputeOf(a, b);
                assertTrue((head >> 96 != 0) == _handler.isLive(left, right), "phase");
                (uint64 epoch, uint64 number) = _depository.accountOf(a, b);
                (uint64 expected, uint64 used) = _handler.epochNumberOf(left, right);
                assertEq(epoch, expected);
                assertEq(number, used);
            }
        }
    }

    /// @dev DEB-1: queues are what closings left and sweeps and creditors took away, in order.
    function invariant_DEB1_queue() public view {
        for (uint256 party = 0; party < MEMBERS; ++party) {
            for (uint32 token = 1; token <= 2; ++token) _checkQueue(party, token);
        }
    }

    function _checkQueue(uint256 party, uint32 token) private view {
        bytes32 debtor = _handler.partyOf(party);
        (uint64 head, uint64 tail) = _depository.debtsOf(debtor, token);
        (uint256 expectedHead, uint256 expectedTail) = _handler.debtsOf(party, token);
        assertEq(head, expectedHead);
        assertEq(tail, expectedTail);
        for (uint64 index = 0; index < tail; ++index) {
            (uint128 hash, uint128 amount) = _depository.debtAt(debtor, token, index);
            (bytes32 creditor, uint256 owed) = _handler.debtOf(party, token, index);
            assertEq(amount, owed);
            if (owed != 0) assertEq(hash, uint128(uint256(keccak256(abi.encode(creditor)))));
        }
    }

    function _nameOf(uint256 kind) private pure returns (string memory) {
        bytes memory name = "kind 00 never lands";
        name[5] = bytes1(uint8(48 + kind / 10));
        name[6] = bytes1(uint8(48 + (kind % 10)));
        return string(name);
    }

    function _sum(uint32 token) private view returns (uint256 sum) {
        for (uint256 left = 0; left < MEMBERS; ++left) {
            bytes32 id = _handler.partyOf(left);
            sum += _depository.reserveOf(id, token);
            for (uint256 right = left + 1; right < MEMBERS; ++right) {
                (, uint128 collateral) = _depository.moneyOf(id, _handler.partyOf(right), token);
                sum += collateral;
            }
        }
    }
}
