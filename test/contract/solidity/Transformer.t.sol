// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {
    Bomb,
    Burner,
    Echo,
    GasMeter,
    Intruder,
    Reverter,
    Witness,
    Writer
} from "./Transformers.sol";

/// @title CND-1: third-party transformers, good and bad: none keeps an account from ending, and
/// none moves more than both sides signed. Where one fails left gains 100, and 107 where not.
contract TransformerTest is ConditionFixture {
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;
    uint32 private constant GAS = 200_000;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
    }

    function test_CND1_MovesWhatItReturns() public {
        Claim memory proof = withSecond(claim(5, 100), 100, 1000, 1000);
        assertEq(outcome(withSlot(proof, _two(abi.encode(int256(7), int256(-5))))), 107);
        assertEq(gain(2), 95);
    }

    /// @dev CND-1: within its signed bounds, the bounds included.
    function test_CND1_Bounds() public {
        _expect(_echo(-7, 7, abi.encode(int256(7))), 107);
        _expect(_echo(-7, 7, abi.encode(int256(-7))), 93);
        _expect(_echo(-7, 7, abi.encode(int256(8))), 100);
        _expect(_echo(-7, 7, abi.encode(int256(-8))), 100);
        _expect(_echo(7, 9, abi.encode(int256(6))), 100);
        _expect(_echo(-7, 7, abi.encode(type(int256).max)), 100);
        _expect(_echo(-7, 7, abi.encode(type(int256).min)), 100);
        _expect(_echo(-7, 7, abi.encode((uint256(1) << 128) | 7)), 100);
    }

    /// @dev CND-1: one change out of bounds holds back the other.
    function test_CND1_AllTokensOrNone() public {
        Claim memory proof = withSecond(claim(5, 100), 100, 1000, 1000);
        proof = withSlot(proof, _two(abi.encode(int256(7), int256(11))));
        assertEq(outcome(proof), 100);
        assertEq(gain(2), 100);
    }

    /// @dev CND-1: what fits its own bounds must fit the account's, too.
    function test_CND1_CreditLimitsHold() public {
        _expect(_echo(0, 2000, abi.encode(int256(900))), 1000);
        _expect(_echo(0, 2000, abi.encode(int256(901))), 100);
    }

    /// @dev CND-1: exactly as many words as tokens.
    function test_CND1_TooMuchOrTooLittle() public {
        _expect(_echo(0, 7, ""), 100);
        _expect(_echo(0, 7, abi.encodePacked(bytes31(0))), 100);
        _expect(_echo(0, 7, abi.encodePacked(int256(7), uint8(0))), 100);
        _expect(_echo(0, 7, abi.encode(int256(7), int256(7))), 100);
    }

    function test_CND1_Burner() public {
        _expect(_of(address(new Burner())), 100);
    }

    function test_CND1_Reverter() public {
        _expect(_of(address(new Reverter())), 100);
    }

    /// @dev CND-1: of a return bomb nothing is copied, whether it returns or reverts.
    function test_CND1_ReturnBomb() public {
        address bomb = address(new Bomb());
        for (uint256 size = 0; size < 64; size += 63) {
            bytes memory payload = new bytes(size);
            Claim memory proof = claim(5, 100);
            proof.epoch = epochOf(proof);
            proof = withSlot(proof, transformer(START, bomb, 1_000_000, 0, 7, payload));
            Live memory live = start(0, proof);
            passWindow(live);
            Enforcement memory enforcement;
            putFinalisation(enforcement, live, proof);
            uint256 before = gasleft();
            depository.enforce(enforcement);
            // Copying 400,000 bytes would cost another 350,000 gas.
            assertTrue(before - gasleft() < 500_000, "nothing is copied");
        }
        assertEq(gain(1), 200);
    }

    /// @dev CND-1: no code is a failure of the condition: a key, an address nobody has, and a
    /// precompiled contract, which would answer with a word.
    function test_CND1_WithoutCode() public {
        _expect(_of(VM.addr(keys[3])), 100);
        _expect(_of(address(0xdead)), 100);
        _expect(transformer(START, address(2), GAS, -type(int128).max, 7, ""), 100);
        _expect(_of(address(0)), 100);
    }

    /// @dev CND-1: what is not asked needs no gas.
    function test_CND1_WithoutCodeItNeedsNoGas() public {
        bytes memory slot = transformer(START, address(0xdead), 5_000_000, 0, 7, "");
        Claim memory proof = withSlot(claim(5, 100), slot);
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory e;
        putFinalisation(e, live, proof);
        depository.enforce{gas: 1_000_000}(e);
        assertEq(gain(1), 100);
    }

    function test_CND1_Reentrancy() public {
        _expect(_of(address(new Intruder(depository))), 100);
    }

    function test_CND1_CannotWrite() public {
        Writer writer = new Writer();
        _expect(_of(address(writer)), 100);
        assertEq(writer.calls(), 0);
    }

    /// @dev CND-1: it sees its own payload and nothing else, padded with zeros.
    function test_CND1_SeesItsPayloadAlone() public {
        address witness = address(new Witness());
        for (uint256 size = 0; size < 70; size += 23) {
            bytes memory payload = new bytes(size);
            for (uint256 i = 0; i < size; ++i) payload[i] = 0xff;
            bytes memory before = transformer(START, witness, GAS, 0, 1, hex"aaaaaaaaaaaa");
            Claim memory proof = withSlot(claim(5, 100), before);
            proof = withSlot(proof, transformer(START, witness, GAS, 0, 1, payload));
            proof.epoch = epochOf(proof);
            int256 held = gain(1);
            assertEq(outcome(proof) - held, 102);
        }
    }

    /// @dev CND-1: exactly the signed gas, however much the finaliser sends.
    function test_CND1_ExactlyItsGas() public {
        address meter = address(new GasMeter());
        bytes memory slot = transformer(START, meter, 50_000, 49_500, 50_000, "");
        Claim memory proof = claim(5, 100);
        proof.rows[0].rightLimit = 100_000;
        Live memory live = start(0, withSlot(proof, slot));
        passWindow(live);
        Enforcement memory e;
        putFinalisation(e, live, proof);
        bytes memory data = abi.encodeCall(depository.enforce, (e));
        uint256 sent = 60_000;
        // From far too little on: the call fails, and never the condition alone.
        for (; sent < 400_000; sent += 200) {
            (bool success, ) = address(depository).call{gas: sent}(data);
            if (success) break;
        }
        assertTrue(gain(1) > 49_500 && gain(1) <= 50_100, "its gas");
        assertTrue(sent > 62_000 && sent < 120_000, "it took more than the least");
    }

    function test_CND1_TransformerGasTooLow() public {
        address meter = address(new GasMeter());
        Claim memory proof = withSlot(claim(5, 100), transformer(START, meter, 900_000, 0, 1, ""));
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory e;
        putFinalisation(e, live, proof);
        bytes memory data = abi.encodeCall(depository.enforce, (e));
        (bool success, bytes memory reason) = address(depository).call{gas: 900_000}(data);
        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(Errors.TransformerGasTooLow.selector));
    }

    /// @dev CND-2: nobody knows what it will say before its deadline has passed.
    function test_CND2_NotBeforeItsDeadline() public {
        uint64 deadline = START + 200_000;
        address echo = address(new Echo());
        bytes memory slot = transformer(deadline, echo, GAS, 0, 7, abi.encode(int256(7)));
        Claim memory proof = withSlot(claim(5, 100), slot);
        Live memory live = start(0, proof);
        VM.warp(deadline);
        Enforcement memory e;
        putFinalisation(e, live, proof);
        VM.expectRevert(abi.encodeWithSelector(Errors.ConditionUndecided.selector, 0, deadline));
        depository.enforce(e);
        VM.warp(deadline + 1);
        depository.enforce(e);
        assertEq(gain(1), 107);
    }

    /// @dev CND-1: all that a body may sign, spent to the last, and the account ends.
    function test_CND1_AllGasOfABodyBurnt() public {
        address burner = address(new Burner());
        Claim memory proof = claim(5, 100);
        for (uint256 i = 0; i < 5; ++i) {
            proof = withSlot(proof, transformer(START, burner, 1_000_000, 0, 7, ""));
        }
        assertEq(outcome(proof), 100);
    }

    /// @dev DEP-8: what transformers are given counts in the call's budget.
    function test_DEP8_BudgetExceeded() public {
        Enforcement memory e;
        Live memory live;
        for (uint256 i = 0; i < 3; ++i) {
            Claim memory proof = claim(5, 0);
            (proof.left, proof.right) = (i, i + 1);
            bytes memory slot = transformer(START, address(0xdead), 5_000_000, 0, 7, "");
            proof = withSlot(proof, slot);
            live = start(i, proof);
            putFinalisation(e, live, proof);
        }
        passWindow(live);
        refuseCall(abi.encodeCall(depository.enforce, (e)), Errors.BudgetExceeded.selector);
    }

    function _echo(int128 lower, int128 upper, bytes memory words) private returns (bytes memory) {
        return transformer(START, address(new Echo()), GAS, lower, upper, words);
    }

    function _of(address subject) private pure returns (bytes memory) {
        return transformer(START, subject, GAS, 1, 7, "");
    }

    /// @dev Of two tokens, up to 10 either way.
    function _two(bytes memory words) private returns (bytes memory) {
        bytes memory moves = bytes.concat(move(1, 10), move(2, 10));
        bytes memory data = abi.encodePacked(GAS, int128(-10), int128(-10), words);
        return condition(TRANSFORMER, START, idOf(address(new Echo())), moves, data);
    }

    /// @dev In a new epoch, with 100 in left's favour before the condition.
    function _expect(bytes memory slot, int256 expected) private {
        Claim memory proof = claim(5, 100);
        proof.epoch = epochOf(proof);
        int256 held = gain(1);
        assertEq(outcome(withSlot(proof, slot)) - held, expected);
    }
}
