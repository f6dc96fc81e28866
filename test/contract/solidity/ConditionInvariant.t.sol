// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {ConditionDraw} from "./ConditionDraw.sol";
import {ConditionHandler} from "./ConditionHandler.sol";
import {ConditionRace} from "./ConditionRace.sol";
import {Test} from "./Test.sol";

/// @title What holds after every sequence of disputes about bodies with conditions of all kinds,
/// hostile transformers among them.
contract ConditionInvariantTest is Test {
    uint256 private constant MEMBERS = 3;

    ConditionHandler private _handler;
    IDepository private _depository;

    function setUp() public virtual {
        _handler = new ConditionHandler();
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
        uint256 kind = i % 10;
        if (kind == 0) _handler.start(a, b % 2 == 0, seed);
        if (kind == 1) _handler.counter(a, b, seed);
        if (kind == 2) _handler.race(a, b, seed);
        if (kind == 3) _handler.finalise(a, b, seed);
        if (kind == 4) _handler.dispute(a, seed);
        if (kind == 5) _handler.pass(a, b);
        if (kind == 6 && b % 2 == 0) _handler.rotate(a);
        if (kind == 6 && b % 2 == 1) _handler.dispute(a, seed);
        if (kind == 7) _handler.probe(a);
        if (kind == 8) _handler.finalise(a, b, seed);
        if (kind == 9) _handler.race(a, b, seed);
    }

    /// @dev TST-1: random calls reach every kind of change, so that what holds after them says
    /// something.
    function test_TST1_TheHandlerOfConditionsReachesDeepStates() public {
        for (uint256 i = 0; i < 1000; ++i) step(i);
        for (uint256 kind = 0; kind <= uint256(type(ConditionRace.Kind).max); ++kind) {
            assertTrue(_handler.landed(ConditionRace.Kind(kind)) != 0, _nameOf("kind", kind));
        }
        for (uint256 role = 0; role <= uint256(type(ConditionDraw.Role).max); ++role) {
            ConditionDraw.Role each = ConditionDraw.Role(role);
            assertTrue(_handler.asked(each) != 0, _nameOf("role", role));
            bool answers = _handler.answered(each) != 0;
            assertTrue(answers == _handler.mayAnswer(each), _nameOf("role", role));
        }
        for (uint8 kind = 1; kind <= 4; ++kind) {
            assertTrue(_handler.applied(kind) != 0, _nameOf("condition", kind));
        }
        assertTrue(_handler.heldBack() != 0, "no condition meets a credit limit");
        assertTrue(_handler.pastCap() != 0, "no deadline is beyond the longest window");
        invariant_CND1_conditionsMoveWhatTheyMay();
        invariant_DIS4_everyDisputeCanEnd();
        invariant_DIS5_headsUnderConditions();
    }

    /// @dev TST-1: what moves nothing does so for the reason that its name gives.
    function test_TST1_TransformersDoWhatTheyAreCastFor() public view {
        bytes memory word = abi.encode(int256(7));
        _rehearse(ConditionDraw.Role.Honest, word, true, 32);
        _rehearse(ConditionDraw.Role.Bomb, word, true, 400_000);
        _rehearse(ConditionDraw.Role.Bomb, bytes.concat(word, word), false, 400_000);
        _rehearse(ConditionDraw.Role.Burner, word, false, 0);
        _rehearse(ConditionDraw.Role.Refuser, word, false, 32);
        _rehearse(ConditionDraw.Role.Writer, word, false, 0);
        // A call to nobody goes well, and brings nothing.
        _rehearse(ConditionDraw.Role.Nobody, word, true, 0);
        _rehearse(ConditionDraw.Role.Guest, word, true, 0);
    }

    /// @dev CND-1, RCP-6, DEB-1: a closing pays what locks, orders and transformers make of its
    /// deltas: within the bounds that were signed for each, within the credit limits, and nothing
    /// by one that fails. Whatever they do, no money is made or lost, and debts are what closings
    /// left and sweeps took away.
    function invariant_CND1_conditionsMoveWhatTheyMay() public view {
        assertTrue(!_handler.payoutWrong(), "a closing paid something else");
        for (uint32 token = 1; token <= 2; ++token) {
            uint256 sum = _sum(token);
            (, , , uint128 total) = _depository.tokenOf(token);
            assertEq(sum, _handler.expectedTotal(token));
            assertEq(total, sum);
            assertEq(_handler.assetOf(token).balanceOf(address(_depository)), sum);
            for (uint256 party = 0; party < MEMBERS; ++party) _checkQueue(party, token);
        }
    }

    /// @dev DIS-4: when the window and every deadline are over, anybody ends a dispute.
    function invariant_DIS4_everyDisputeCanEnd() public view {
        assertTrue(!_handler.stuck(), "a dispute could not end");
    }

    /// @dev DIS-2, DIS-3, DIS-5, CND-2: each start, counter, acceptance and closing lands when it
    /// may and only then, and once; heads are what they left.
    function invariant_DIS5_headsUnderConditions() public view {
        assertTrue(!_handler.wrong(), "a call did something else");
        for (uint256 left = 0; left < MEMBERS; ++left) {
            for (uint256 right = left + 1; right < MEMBERS; ++right) {
                (uint256 head, uint256 beside) = _depository.disputeOf(
                    _handler.partyOf(left),
                    _handler.partyOf(right)
                );
                (uint256 expected, uint256 over) = _handler.headOf(left, right);
                assertEq(head, expected);
                assertEq(beside, over);
            }
        }
    }

    function _rehearse(
        ConditionDraw.Role role,
        bytes memory payload,
        bool succeeds,
        uint256 size
    ) private view {
        (bool success, bytes memory said) = _handler.rehearse(role, payload);
        assertTrue(success == succeeds, _nameOf("role", uint256(role)));
        assertEq(said.length, size);
    }

    function _checkQueue(uint256 party, uint32 token) private view {
        bytes32 debtor = _handler.partyOf(party);
        (uint64 head, uint64 tail) = _depository.debtsOf(debtor, token);
        (uint256 expectedHead, uint256 expectedTail) = _handler.debtsOf(party, token);
        assertEq(head, expectedHead);
        assertEq(tail, expectedTail);
        for (uint64 index = head; index < tail; ++index) {
            (, uint128 amount) = _depository.debtAt(debtor, token, index);
            (, uint256 owed) = _handler.debtOf(party, token, index);
            assertEq(amount, owed);
        }
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

    function _nameOf(string memory what, uint256 i) private pure returns (string memory) {
        bytes memory digits = bytes(" 00");
        digits[1] = bytes1(uint8(48 + i / 10));
        digits[2] = bytes1(uint8(48 + (i % 10)));
        return string.concat(what, string(digits));
    }
}
