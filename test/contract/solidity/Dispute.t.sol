// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title DIS-1, DIS-2, DIS-5: how disputes start. Reverts first.
contract DisputeTest is DisputeFixture {
    using EnforcementBuild for Enforcement;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
    }

    function test_DIS1_CarrierNeeded() public {
        Enforcement memory enforcement;
        putStart(enforcement, 0, claim(1, 0));
        VM.expectRevert(abi.encodeWithSelector(Errors.CarrierNeeded.selector));
        depository.enforce(enforcement);
    }

    function test_DIS1_SignatureInvalid() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        enforcement.rows[0].offdelta = 101;
        proof.rows[0].offdelta = 101;
        submitExpecting(
            0,
            enforcement.alone(),
            abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[1], digestOf(proof))
        );
    }

    /// @dev DIS-1: what one side alone signed is no proof against the other.
    function test_DIS1_StarterCannotSignForTheOther() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        enforcement.signatures = signClaim(0, proof);
        submitExpecting(
            0,
            enforcement.alone(),
            abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[1], digestOf(proof))
        );
    }

    function test_DIS1_PartiesUnordered() public {
        Enforcement memory enforcement;
        putStart(enforcement, 0, claim(5, 100));
        enforcement.starts[0].counterparty = ids[0];
        submitExpecting(
            0,
            enforcement.alone(),
            abi.encodeWithSelector(Errors.PartiesUnordered.selector, ids[0], ids[0])
        );
    }

    function test_DIS1_StartsAndCommits() public {
        Claim memory proof = claim(5, 100);
        Live memory live = startedNow(0, proof);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.DisputeStarted(ids[0], ids[1], 5, live.window, live.bodyHash);
        submit(0, enforcement.alone());
        assertEq(headOf(proof), (commitmentOf(live) << 96) | 5);
        assertEq(endOf(live), block.timestamp + 2 * RESPONSE);
    }

    function test_DIS4_PaysCollateralOut() public {
        submit(0, funding(1, ids[0], ids[1], 500));
        Claim memory proof = claim(5, -200);
        Live memory live = start(0, proof);
        passWindow(live);
        finalise(live, proof);
        assertEq(depository.reserveOf(ids[0], 1), HELD - 500 + 300);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 200);
        assertEq(headOf(proof), 1 << 64);
    }

    function test_DIS2_ANewerProofWins() public {
        Live memory live = start(0, claim(5, 100));
        Claim memory newer = claim(6, -300);
        live = counter(1, live, newer);
        passWindow(live);
        finalise(live, newer);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 300);
    }

    function test_DIS3_TheOtherSideAcceptsAtOnce() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        bytes memory reason = abi.encodeWithSelector(
            Errors.WindowOpen.selector,
            endOf(live),
            block.timestamp
        );
        submitExpecting(0, enforcement.alone(), reason);
        VM.expectRevert(reason);
        depository.enforce(enforcement);
        submit(1, enforcement.alone());
        assertEq(depository.reserveOf(ids[0], 1), HELD + 100);
    }

    /// @dev DIS-5: what is brought along must be what the head commits to.
    function test_DIS5_AnotherBodyIsPassedOver() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        passWindow(live);
        Claim memory other = claim(5, 101);
        bytes memory reason = abi.encodeWithSelector(
            Errors.DisputeChanged.selector,
            ids[0],
            ids[1]
        );
        expectSkipped(0, 1, 3, reason);
        finalise(live, other);
        assertEq(depository.reserveOf(ids[0], 1), HELD);
    }

    function test_CND2_WaitsForADeadline() public {
        uint64 deadline = uint64(block.timestamp + 100_000);
        bytes32 preimage = keccak256("secret");
        bytes32 hash = keccak256(abi.encode(preimage));
        Claim memory proof = withSlot(
            claim(5, 100),
            abi.encodePacked(uint8(1), deadline, hash, uint8(1), uint32(1), int128(40))
        );
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        VM.expectRevert(abi.encodeWithSelector(Errors.ConditionUndecided.selector, 0, deadline));
        depository.enforce(enforcement);
        enforcement.addPreimage(preimage);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[0], 1), HELD + 140);
    }
}
