// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {Head} from "./Fixture.sol";
import {PlanFixture} from "./PlanFixture.sol";
import {Wallet} from "./Wallet.sol";

/// @title NET-5, NET-6: what somebody could try with a plan, and the story that plans are for.
contract PlanAttackTest is PlanFixture, BoardFixture, DisputeFixture {
    function setUp() public {
        deploy();
        fill();
    }

    // A plan's settlement anywhere else

    /// @dev Neither the certificate's signatures nor ones under the settlement with number zero,
    /// as the plan's hash has it, move anything without the plan.
    function test_NET6_APlansSettlementDoesNotLandAlone() public {
        Draft memory plan = certified(add(draft(2), Move(0, 1, 1, -10, 10, 10)));
        Settlements memory list = one(1, -10, 10);
        bytes32 digest = settlementDigest(0, 1, 1, FAR, 1, -10, 10);
        bytes memory reason = abi.encodeWithSelector(
            Errors.SignatureInvalid.selector,
            ids[0],
            digest
        );
        bytes32 prepared = preparedOf(plan);
        list.signatures = bytes.concat(
            sign(keys[0], ids[0], prepared),
            sign(keys[1], ids[1], prepared)
        );
        VM.expectRevert(reason);
        depository.settleDiffs(list);

        list = one(0, -10, 10);
        VM.expectRevert(abi.encodeWithSelector(Errors.NumberUsed.selector, 0, 0));
        depository.settleDiffs(list);
        assertEq(depository.reserveOf(ids[1], 1), HELD);
    }

    /// @dev In its own batch a side need not sign again, but the other one must.
    function test_NET6_APlansSettlementDoesNotLandInABatch() public {
        Draft memory plan = certified(add(draft(2), Move(0, 1, 1, -10, 10, 10)));
        Settlements memory list = one(1, -10, 10);
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 1, 65, 0));
        list.signatures = sign(keys[0], ids[0], preparedOf(plan));
        Operations memory operations;
        operations.settlements = new Settlements[](1);
        operations.settlements[0] = list;
        bytes32 digest = settlementDigest(0, 1, 1, FAR, 1, -10, 10);
        bytes4 selector = Errors.SignatureInvalid.selector;
        submitExpecting(1, operations, abi.encodeWithSelector(selector, ids[0], digest));
    }

    /// @dev Everything that a plan is changes its hash, and so makes another plan.
    function test_NET5_ACertificateIsOfOnePlan() public {
        Draft memory plan = certified(add(draft(2), Move(0, 1, 1, -10, 10, 10)));
        bytes memory certificate = plan.list.signatures;
        Draft memory other = add(draft(2), Move(0, 1, 1, -10, 10, 10));
        other.terms.salt = keccak256("another salt");
        _refuseWith(other, certificate);
        other = add(draft(2), Move(0, 1, 1, -10, 10, 10));
        other.terms.legsHash = keccak256("other legs");
        _refuseWith(other, certificate);
        other = add(draft(2), Move(0, 1, 1, -10, 10, 10));
        ++other.terms.commitBy;
        _refuseWith(other, certificate);
        _refuseWith(draft(2), certificate);
        _refuseWith(add(draft(2), Move(0, 1, 1, -11, 11, 10)), certificate);
        _refuseWith(add(draft(2), Move(0, 1, 1, -10, 9, 10)), certificate);
        _refuseWith(add(draft(2), Move(0, 1, 1, -10, 10, 11)), certificate);
        _refuseWith(add(draft(2), Move(0, 1, 2, -10, 10, 10)), certificate);
        _refuseWith(add(draft(2), Move(0, 1, 1, -10, 10, 10), 0, FAR - 1), certificate);
        _refuseWith(add(plan, pays(0, 1, 1)), certificate);
    }

    /// @dev Each signed, but not the same.
    function test_NET5_SignaturesUnderTwoPlansAreNoCertificate() public {
        Draft memory plan = draft(2);
        Draft memory other = draft(2);
        other.terms.salt = keccak256("another salt");
        plan.list.signatures = bytes.concat(signed(plan, 0), signed(other, 1));
        refuseSigner(plan, 1);
        plan.list.signatures = bytes.concat(signed(other, 0), signed(plan, 1));
        refuseSigner(plan, 0);
    }

    // Somewhere else

    function test_NET5_NotOnAnotherChain() public {
        Draft memory plan = certified(add(draft(2), pays(0, 1, 10)));
        uint256 here = block.chainid;
        VM.chainId(here + 1);
        refuseSigner(plan, 0);
        VM.chainId(here);
        commit(plan);
    }

    function test_NET5_NotInAnotherDepository() public {
        Draft memory plan = certified(draft(2));
        commit(plan);
        deployContracts();
        refuseSigner(plan, 0);
    }

    // Reserves

    /// @dev Who drains its reserve before the commit stops all of it, for as long as it stays
    /// drained: nothing of the plan happens, and no lock that waits for it opens.
    function test_NET6_ADrainedReserveStopsTheWholePlan() public {
        Draft memory plan = add(draft(4), pays(0, 1, 10));
        plan = certified(add(add(plan, pays(2, 3, 20)), Move(0, 3, 2, -5, 5, 0)));
        submit(2, payment(1, ids[4], uint128(HELD - 19)));
        bytes4 selector = Errors.ReserveInsufficient.selector;
        refuse(plan, abi.encodeWithSelector(selector, ids[2], 1, 19, 20));
        assertEq(committedAt(plan), 0);
        assertEq(depository.reserveOf(ids[0], 1), HELD);
        assertEq(depository.reserveOf(ids[0], 2), HELD);
        assertEq(depository.reserveOf(ids[3], 1), HELD);
        submit(4, payment(1, ids[2], 1));
        commit(plan);
        assertEq(depository.reserveOf(ids[2], 1), 0);
        assertEq(depository.reserveOf(ids[3], 1), HELD + 20);
    }

    /// @dev DEP-5: on balance, so that a ring of a plan needs no liquidity either.
    function test_DEP5_ReservesAreJudgedOnBalance() public {
        int128 much = int128(int256(1000 * HELD));
        Draft memory plan = add(draft(3), Move(0, 1, 1, -much, much, much));
        plan = add(plan, Move(1, 2, 1, -much, much, much));
        commit(certified(add(plan, Move(0, 2, 1, much, -much, -much))));
        assertEq(depository.reserveOf(ids[0], 1), HELD);
        (int128 ondelta, ) = depository.moneyOf(ids[0], ids[2], 1);
        assertEq(ondelta, -much);
    }

    // Disputes

    function test_NET6_NotWhileADisputeIsLive() public {
        Draft memory plan = certified(add(draft(3), pays(0, 1, 10)));
        Live memory live = start(0, claim(2, 0));
        refuse(plan, abi.encodeWithSelector(Errors.DisputeLive.selector, ids[0], ids[1]));
        // And afterwards the epoch is another one.
        passWindow(live);
        finalise(live, claim(2, 0));
        refuse(plan, abi.encodeWithSelector(Errors.EpochInvalid.selector, 1, 0));
        commit(certified(add(draft(3), pays(0, 1, 10), 1, FAR)));
    }

    // Boards

    function test_ENT2_BoardsSign() public {
        bytes32 numbered = entityOf(registerSole(2));
        bytes32 lazy = hashOf(3);
        Draft memory plan = _withEntities(numbered, ids[0], lazy);
        plan = add(plan, pays(0, 1, 0));
        plan.list.signatures = _certificate(plan, 2, 0, 3);
        commit(plan);
        assertTrue(committedAt(plan) != 0, "boards have signed");
    }

    function test_ENT5_AStrangersBoardDoesNot() public {
        bytes32 numbered = entityOf(registerSole(2));
        Draft memory plan = _withEntities(numbered, ids[0], hashOf(3));
        plan.list.signatures = _certificate(plan, 1, 0, 3);
        refuse(plan, notOfEntity(1, numbered));
    }

    /// @dev A member's signature is as long as a key's, and is not its board's (ENT-2).
    function test_ENT2_AMemberAloneSignsForNoBoard() public {
        bytes32 numbered = entityOf(registerSole(2));
        Draft memory plan = _withEntities(numbered, ids[0], hashOf(3));
        bytes32 digest = preparedOf(plan);
        bytes memory good = _certificate(plan, 2, 0, 3);
        bytes memory key = withLength(sign(keys[0], ids[0], digest));
        plan.list.signatures = bytes.concat(
            withLength(sign(keys[2], numbered, digest)),
            key,
            withLength(signSole(3, hashOf(3), digest))
        );
        VM.expectRevert();
        commit(plan);
        plan.list.signatures = bytes.concat(
            withLength(signSole(2, numbered, digest)),
            key,
            withLength(sign(keys[3], hashOf(3), digest))
        );
        VM.expectRevert();
        commit(plan);
        plan.list.signatures = good;
        commit(plan);
    }

    /// @dev A board that was replaced may let legs go that it had agreed to, for its grace; it
    /// moves no reserve (ENT-5).
    function test_ENT5_SignerRetired() public {
        VM.warp(1_000_000);
        uint64 number = registerSole(2);
        bytes32 numbered = entityOf(number);
        Draft memory bare = _withEntities(numbered, ids[0], hashOf(3));
        Draft memory plan = add(_withEntities(numbered, ids[0], hashOf(3)), pays(1, 2, 10));
        propose(2, number, 4);
        VM.warp(1_000_000 + DELAY);
        bare.list.signatures = _certificate(bare, 2, 0, 3);
        plan.list.signatures = _certificate(plan, 2, 0, 3);
        refuse(plan, abi.encodeWithSelector(Errors.SignerRetired.selector, numbered));
        commit(bare);
        plan.list.signatures = _certificate(plan, 4, 0, 3);
        commit(plan);
    }

    function test_ENT5_NotAfterItsGrace() public {
        VM.warp(1_000_000);
        uint64 number = registerSole(2);
        Draft memory bare = _withEntities(entityOf(number), ids[0], hashOf(3));
        bare.list.signatures = _certificate(bare, 2, 0, 3);
        propose(2, number, 4);
        VM.warp(1_000_000 + DELAY + GRACE);
        refuse(bare, notOfEntity(2, entityOf(number)));
    }

    /// @dev ERC-1271 is asked under batches and settlements only (ENT-3).
    function test_ENT3_AContractSignsNoCertificate() public {
        Wallet wallet = new Wallet();
        wallet.set(Wallet.Answer.Yes);
        Draft memory plan = draft(1);
        plan.list.entities[0] = idOf(address(wallet));
        bytes memory signature = sign(keys[0], ids[0], preparedOf(plan));
        plan.list.signatures = withLength(signature);
        bytes32 entity = plan.list.entities[0];
        bytes4 selector = Errors.SignatureInvalid.selector;
        refuse(plan, abi.encodeWithSelector(selector, entity, preparedOf(plan)));
    }

    // The story

    /// @dev A owes B owes C owes D, a thousand each. The legs cancel the three debts off chain,
    /// and one settlement pays A→D: A and D have no account, B and C need nothing on chain. Had
    /// it been done one by one, three settlements would have moved a thousand each.
    function test_NET6_AOwesBOwesCOwesD() public {
        Draft memory plan = certified(add(draft(4), pays(0, 3, 1000)));
        commit(plan);
        assertEq(depository.reserveOf(ids[0], 1), HELD - 1000);
        assertEq(depository.reserveOf(ids[1], 1), HELD);
        assertEq(depository.reserveOf(ids[2], 1), HELD);
        assertEq(depository.reserveOf(ids[3], 1), HELD + 1000);
        // Nobody owes anything in the account of A and D: the legs were the other side of this.
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[0], ids[3], 1);
        assertEq(ondelta, 0);
        assertEq(collateral, 0);
        assertTrue(committedAt(plan) != 0, "the legs' locks are open");
    }

    function _refuseWith(Draft memory plan, bytes memory certificate) private {
        plan.list.signatures = certificate;
        refuseSigner(plan, 0);
    }

    /// @dev A numbered id, an address and a lazy id ascend by their classes.
    function _withEntities(
        bytes32 numbered,
        bytes32 key,
        bytes32 lazy
    ) private view returns (Draft memory plan) {
        plan = draft(3);
        (plan.list.entities[0], plan.list.entities[1]) = (numbered, key);
        plan.list.entities[2] = lazy;
    }

    function _certificate(
        Draft memory plan,
        uint256 first,
        uint256 second,
        uint256 third
    ) private view returns (bytes memory) {
        bytes32 digest = preparedOf(plan);
        bytes32[] memory entities = plan.list.entities;
        return
            bytes.concat(
                withLength(signSole(first, entities[0], digest)),
                withLength(sign(keys[second], entities[1], digest)),
                withLength(signSole(third, entities[2], digest))
            );
    }
}
