// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {BodyRow, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Settlements} from "../../../contracts/type/Operation.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {Hungry} from "./Transformers.sol";

/// @title What somebody tries who starts, counters or finalises a dispute, and what comes of it.
contract DisputeAttackTest is ConditionFixture {
    using EnforcementBuild for BodyRow[];
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;
    uint32 private constant GAS = 100_000;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
    }

    // Before there is a proof

    /// @dev DIS-1, DEP-6: collateral that both paid in before anything was signed goes back to
    /// each, whichever of them starts, and the other can do nothing about it.
    function test_DIS1_CollateralFundedBeforeAnyProof() public {
        for (uint256 starter = 0; starter < 2; ++starter) {
            submit(0, funding(1, ids[0], ids[1], 500));
            submit(1, funding(1, ids[1], ids[0], 300));
            Claim memory bare = nothing();
            (bare.rows, bare.epoch) = (row(1, 0, 0, 0), uint64(starter));
            Live memory live = start(starter, bare);
            Claim memory forged = claim(1, starter == 0 ? int128(-500) : int128(300));
            forged.epoch = uint64(starter);
            Enforcement memory enforcement;
            putCounter(enforcement, live, forged, NOBODY, NOBODY);
            submitExpecting(1 - starter, enforcement.alone(), invalid(starter, forged));
            passWindow(live);
            finalise(live, bare);
            assertEq(depository.reserveOf(ids[0], 1), HELD);
            assertEq(depository.reserveOf(ids[1], 1), HELD);
        }
    }

    // Locks

    /// @dev CND-2: left starts with an old proof and goes on as if nothing were; right, who has
    /// not seen it, takes a lock. The deadline is within the window, so what right reveals in time
    /// is paid, though the proof is younger than the dispute; and left cannot end it before.
    function test_CND2_LocksAddedAfterAnUnseenStart() public {
        Live memory live = start(0, claim(5, 0));
        VM.warp(START + 60);
        uint64 deadline = uint64(endOf(live)) - 1_000;
        Claim memory newer = withSlot(claim(6, 0), lock(deadline, "secret", move(1, -300)));
        live = counter(1, live, newer);
        Enforcement memory acceptance;
        putFinalisation(acceptance, live, newer);
        bytes4 selector = Errors.ConditionUndecided.selector;
        submitExpecting(0, acceptance.alone(), abi.encodeWithSelector(selector, 0, deadline));
        VM.warp(deadline);
        reveal("secret");
        passWindow(live);
        finalise(live, newer);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 300);
    }

    /// @dev CND-2: a lock signed after a start that one side has not seen cannot outlast the cap,
    /// whatever deadline it names: what is revealed later moves nothing.
    function test_CND2_ALockCannotOutlastTheLongestWindow() public {
        Live memory live = start(0, claim(5, 0));
        Claim memory newer = withSlot(claim(6, 0), lock(FAR, "secret", move(1, -300)));
        live = counter(1, live, newer);
        VM.warp(START + MAX_WINDOW + 1);
        reveal("secret");
        finalise(live, newer);
        assertEq(depository.reserveOf(ids[1], 1), HELD);
    }

    // Who finalises

    /// @dev CND-1: what was not on record in time, whoever finalises cannot bring along.
    function test_CND1_AFinaliserBringsNoEvidence() public {
        Claim memory proof = withSlot(claim(5, 100), lock(START + 10, "secret", move(1, 50)));
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory enforcement;
        enforcement.addPreimage(preimageOf("secret"));
        putFinalisation(enforcement, live, proof);
        depository.enforce(enforcement);
        assertEq(gain(1), 100);
        assertTrue(depository.revealedAt(hashOfSecret("secret")) != 0, "on record, too late");
    }

    /// @dev DIS-4, CND-1: a lock that is met, and a transformer that needs all of its gas; with
    /// any gas the account ends as signed, or not at all.
    function testFuzz_DIS4_AFinaliserChoosesNoGas(uint256 sent) public {
        sent = bound(sent, 30_000, 250_000);
        bytes memory slot = transformer(START, address(new Hungry()), GAS, 0, 7, "");
        Claim memory proof = withSlot(claim(5, 100), lock(START, "secret", move(1, 50)));
        proof = withSlot(proof, slot);
        reveal("secret");
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory e;
        putFinalisation(e, live, proof);
        bytes memory data = abi.encodeCall(
            depository.finalise,
            (e.finalisations[0], e.rows, e.conditions, e.tokens)
        );
        (bool success, ) = address(depository).call{gas: sent}(data);
        assertEq(epochOf(proof), success ? 1 : 0);
        assertEq(gain(1), success ? int256(157) : int256(0));
        if (!success) finalise(live, proof);
        assertEq(gain(1), 157);
    }

    /// @dev DIS-5: bits that the body's hash does not cover are none that a finaliser may set.
    function test_DIS5_AFinaliserChoosesNoWords() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory e;
        putFinalisation(e, live, proof);
        bytes[2] memory calls = [
            abi.encodeCall(depository.enforce, (e)),
            abi.encodeCall(
                depository.finalise,
                (e.finalisations[0], e.rows, e.conditions, e.tokens)
            )
        ];
        uint256[4] memory bits = [uint256(32), 128, 128, 128];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 place = _find(calls[i], abi.encode(proof.rows[0]));
            for (uint256 field = 0; field < bits.length; ++field) {
                _flip(calls[i], place + 32 * field, bits[field]);
                refuseCall(calls[i], Errors.BodyInvalid.selector);
                _flip(calls[i], place + 32 * field, bits[field]);
            }
        }
        (bool success, ) = address(depository).call(calls[0]);
        assertTrue(success, "as it is");
    }

    // Junk

    /// @dev DIS-4: a token whose contract burns all gas, or is gone, keeps no account from ending:
    /// what it stands for changes hands here, and nobody asks it.
    function test_DIS4_AJunkTokenHoldsNobodyUp() public {
        submit(0, funding(1, ids[0], ids[1], 500));
        submit(0, funding(2, ids[0], ids[1], 500));
        Claim memory proof = withSecond(claim(5, -200), -200, 1000, 1000);
        bytes[3] memory codes = [bytes(hex"fe"), hex"60006000fd", ""];
        for (uint256 i = 0; i < codes.length; ++i) {
            proof.epoch = uint64(i);
            Live memory live = start(1, proof);
            VM.etch(address(assets[1]), codes[i]);
            passWindow(live);
            finalise(live, proof);
            assertEq(epochOf(proof), i + 1);
            assertEq(depository.reserveOf(ids[1], 1), HELD + 200 * (i + 1));
            assertEq(depository.reserveOf(ids[1], 2), HELD + 200 * (i + 1));
        }
        // What is good is still good.
        submit(1, withdrawal(1, address(0xbeef), uint128(HELD)));
        assertEq(assets[0].balanceOf(address(0xbeef)), HELD);
    }

    // Twice

    /// @dev DEP-2, DIS-3: what is done twice in one call is done once, and the rest goes on.
    function test_DIS3_DuplicatesInOneCall() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        putStart(enforcement, 0, proof);
        expectSkipped(0, 1, 1, about(Errors.DisputeLive.selector));
        submit(0, enforcement.alone());
        Live memory live = startedNow(0, proof);
        Claim memory newer = withSlot(claim(6, 70), lock(START, "secret", move(1, 1)));
        enforcement = _empty();
        putCounter(enforcement, live, newer, 0, 1);
        putCounter(enforcement, live, newer, 0, 1);
        enforcement.addPreimage(preimageOf("secret"));
        enforcement.addPreimage(preimageOf("secret"));
        expectSkipped(0, 1, 2, abi.encodeWithSelector(Errors.NumberUsed.selector, 6, 6));
        depository.enforce(enforcement);
        live = Live(withFlags(live.window, 0), hashOf(newer));
        passWindow(live);
        enforcement = _empty();
        putFinalisation(enforcement, live, newer);
        putFinalisation(enforcement, live, newer);
        expectSkipped(0, 1, 3, about(Errors.DisputeNone.selector));
        depository.enforce(enforcement);
        assertEq(gain(1), 71);
    }

    // The largest amounts

    /// @dev RCP-5, DIS-4: the largest `ondelta`, the largest `offdelta` of the same sign, and no
    /// limit or the largest: the account ends, and not a unit is made or lost.
    function test_RCP5_TheLargestAmountsMeet() public {
        int128 most = type(int128).max;
        for (uint64 round = 0; round < 4; ++round) {
            settlementEpoch = round;
            Settlements memory ring = listOf(3, true);
            // The account of parties 1 and 2 is not closed: it goes there and back.
            int128 amount = round % 2 == 0 ? most : -most;
            put(ring, 0, 0, 1, 1, 1, -amount, amount);
            put(ring, 2, 0, 2, 1, 1, amount, -amount);
            settlementEpoch = 0;
            put(ring, 1, 1, 2, round + 1, 1, -amount, amount);
            ring.signatures = _inOrder(ring.signatures);
            depository.settleDiffs(ring);
            uint128 limit = round < 2 ? 0 : uint128(most);
            _closeWith(0, 1, round, amount, limit);
            _closeWith(0, 2, round, -amount, limit);
        }
        uint256 sum = 0;
        for (uint256 i = 0; i < PARTIES; ++i) sum += depository.reserveOf(ids[i], 1);
        assertEq(sum, HELD * PARTIES);
    }

    function _closeWith(
        uint256 left,
        uint256 right,
        uint64 epoch,
        int128 offdelta,
        uint128 limit
    ) private {
        Claim memory proof = claim(9, offdelta);
        (proof.left, proof.right, proof.epoch) = (left, right, epoch);
        proof.rows = row(1, offdelta, limit, limit);
        Live memory live = start(left, proof);
        passWindow(live);
        finalise(live, proof);
        assertEq(epochOf(proof), epoch + 1);
    }

    /// @dev Of three settlements, each of two signatures; the last two were made in reverse.
    function _inOrder(bytes memory signatures) private pure returns (bytes memory sorted) {
        sorted = new bytes(390);
        for (uint256 i = 0; i < 390; ++i) {
            uint256 from =
                i < 130
                    ? i
                    : i < 260
                        ? i + 130
                        : i - 130;
            sorted[i] = signatures[from];
        }
    }

    function _find(bytes memory data, bytes memory part) private pure returns (uint256 place) {
        bytes32 wanted = keccak256(part);
        uint256 size = part.length;
        for (place = 4; place + size <= data.length; place += 32) {
            bytes32 found;
            assembly {
                found := keccak256(add(add(data, 0x20), place), size)
            }
            if (found == wanted) return place;
        }
        revert NotTrue("found");
    }

    function _flip(bytes memory data, uint256 place, uint256 bit) private pure {
        assembly {
            let word := add(add(data, 0x20), place)
            mstore(word, xor(mload(word), shl(bit, 1)))
        }
    }

    function _empty() private pure returns (Enforcement memory enforcement) {}
}
