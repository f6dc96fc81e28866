// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch} from "../../../contracts/type/Operation.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {Echo} from "./Transformers.sol";

/// @title DIS-4: whatever a start accepts can be ended, and makes or loses nothing. Bodies are of
/// all kinds of condition, with bytes of them changed.
contract BodyFuzzTest is ConditionFixture {
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;

    address private _echo;
    uint256 private _seed;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
        _echo = address(new Echo());
        reveal("secret");
    }

    /// @dev One changed byte or none: many such bodies are accepted.
    function testFuzz_DIS4_WhatIsAcceptedCanEnd(uint256 seed) public {
        _seed = seed;
        Claim memory proof = _body();
        _change(proof.slots[_draw(4)], _draw(2));
        _startAndEnd(proof);
    }

    /// @dev Up to eight bytes in each slot.
    function testFuzz_DIS4_WhatIsAcceptedCanEnd_ManyBytes(uint256 seed) public {
        _seed = seed;
        Claim memory proof = _body();
        for (uint256 i = 0; i < proof.slots.length; ++i) _change(proof.slots[i], _draw(9));
        _startAndEnd(proof);
    }

    /// @dev TST-1: many bodies with a changed byte are accepted, and so come to their ends.
    function test_TST1_ManyChangedBodiesEnd() public {
        for (_seed = 0; _seed < 40;) {
            uint256 next = _seed + 1;
            Claim memory proof = _body();
            proof.epoch = epochOf(proof);
            _change(proof.slots[_draw(4)], _draw(2));
            _startAndEnd(proof);
            _seed = next;
        }
        uint256 ended = epochOf(claim(0, 0));
        assertTrue(ended > 20 && ended < 40, "some are refused");
    }

    function _body() private returns (Claim memory proof) {
        bytes memory both = bytes.concat(move(1, 30), move(2, -20));
        proof = withSecond(claim(5, 100), -50, 1000, 1000);
        proof = withSlot(proof, lock(START + 50, "secret", both));
        proof = withSlot(proof, condition(PLAN_LOCK, START + 60, keccak256("plan"), both, ""));
        proof = withSlot(proof, offer(START + 70, keccak256("order"), uint8(_draw(2)), both));
        bytes memory slot = transformer(START, _echo, 90_000, -7, 7, abi.encode(int256(7)));
        proof = withSlot(proof, slot);
    }

    function _startAndEnd(Claim memory proof) private {
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        Batch memory batch = batchOf(0, enforcement.alone());
        bytes memory signature = signBatch(0, batch);
        try depository.processBatch(batch, signature) {
            Live memory live = startedNow(0, proof);
            VM.warp(block.timestamp + MAX_WINDOW + 1);
            finalise(live, proof);
            assertEq(epochOf(proof), proof.epoch + 1);
        } catch {
            assertEq(headOf(proof), uint256(proof.epoch) << 64);
        }
        for (uint32 token = 1; token < 3; ++token) {
            uint256 sum = 0;
            for (uint256 i = 0; i < PARTIES; ++i) sum += depository.reserveOf(ids[i], token);
            assertEq(sum, HELD * PARTIES);
        }
    }

    /// @dev In place; more often at its beginning, where everything but amounts is.
    function _change(bytes memory slot, uint256 times) private {
        for (uint256 i = 0; i < times; ++i) {
            uint256 place = _draw(_draw(2) == 0 ? 62 : slot.length);
            slot[place] = bytes1(uint8(_draw(2) == 0 ? _draw(5) : _draw(256)));
        }
    }

    function _draw(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
