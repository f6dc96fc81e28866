// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Head} from "./Fixture.sol";
import {PlanFixture} from "./PlanFixture.sol";

/// @title NET-5, NET-6: plans that are committed on chain. Reverts first, each named after its
/// error.
contract PlanTest is PlanFixture {
    function setUp() public {
        deploy();
        fill();
    }

    // Reverts: the plan

    function test_NET5_DeadlinePassed() public {
        Draft memory plan = certified(draft(3));
        VM.warp(COMMIT_BY + 1);
        refuse(
            plan,
            abi.encodeWithSelector(Errors.DeadlinePassed.selector, COMMIT_BY, COMMIT_BY + 1)
        );
        // What happens at a deadline is in time.
        VM.warp(COMMIT_BY);
        commit(plan);
        assertEq(committedAt(plan), COMMIT_BY);
    }

    function test_NET5_PlanAlreadyCommitted() public {
        Draft memory plan = certified(add(draft(3), pays(0, 1, 10)));
        commit(plan);
        uint256 time = block.timestamp;
        VM.warp(time + 100);
        refuse(
            plan,
            abi.encodeWithSelector(Errors.PlanAlreadyCommitted.selector, hashOf(plan), time)
        );
        assertEq(depository.reserveOf(ids[1], 1), HELD + 10);
    }

    function test_NET5_PlanWithoutSigners() public {
        refuse(draft(0), abi.encodeWithSelector(Errors.PlanWithoutSigners.selector));
    }

    function test_NET5_Unsorted() public {
        Draft memory plan = draft(3);
        plan.list.entities[2] = ids[1];
        refuse(certified(plan), abi.encodeWithSelector(Errors.Unsorted.selector, ids[1], ids[1]));
        plan.list.entities[0] = 0;
        refuse(certified(plan), abi.encodeWithSelector(Errors.Unsorted.selector, 0, 0));
    }

    function test_DEP8_ListTooLong() public {
        Draft memory plan = draft(0);
        plan.list.entities = new bytes32[](257);
        for (uint256 i = 0; i < 257; ++i) plan.list.entities[i] = bytes32(i + 1);
        refuse(plan, abi.encodeWithSelector(Errors.ListTooLong.selector, 257, 256));
    }

    function test_DEP8_BudgetExceeded() public {
        Draft memory plan = draft(0);
        plan.list.entities = new bytes32[](200);
        plan.list.signatures = new bytes(239_000);
        bytes4 selector = Errors.BudgetExceeded.selector;
        uint256 weight = 120_000 + 200 * 11_000 + 239_000 * 60;
        refuse(plan, abi.encodeWithSelector(selector, weight, 15_000_000));
    }

    // Reverts: the certificate

    function test_NET5_SignatureInvalid_OfEach() public {
        for (uint256 party = 0; party < 3; ++party) {
            Draft memory plan = certified(draft(3));
            plan.list.signatures[67 * party + 40] ^= 0x01;
            refuseSigner(plan, party);
        }
    }

    function test_NET5_SignatureInvalid_MissingAndExchanged() public {
        Draft memory plan = draft(3);
        plan.list.signatures = bytes.concat(signed(plan, 0), signed(plan, 1));
        refuseSigner(plan, 2);
        plan.list.signatures = bytes.concat(signed(plan, 0), signed(plan, 2), signed(plan, 1));
        refuseSigner(plan, 1);
        plan.list.signatures = "";
        refuseSigner(plan, 0);
    }

    /// @dev Nor does who signed first sign for the others.
    function test_NET5_SignatureInvalid_OneForAll() public {
        Draft memory plan = draft(3);
        plan.list.signatures = bytes.concat(signed(plan, 0), signed(plan, 0), signed(plan, 0));
        refuseSigner(plan, 1);
    }

    function test_NET5_SignatureInvalid_CutShort() public {
        for (uint256 missing = 1; missing < 67; ++missing) {
            Draft memory plan = certified(draft(2));
            plan.list.signatures = _cut(plan.list.signatures, 2 * 67 - missing);
            refuseSigner(plan, 1);
        }
    }

    /// @dev The path's last byte is zero, as is what calldata is padded with.
    function test_DEP8_ListMismatch_CutShort() public {
        Draft memory plan = draft(1);
        bytes32 leaf = RootSignature.leaf(ids[0], preparedOf(plan));
        bytes32 root = RootSignature.node(leaf, bytes32(uint256(1) << 8));
        bytes memory key = signHash(keys[0], RootSignature.signingHash(root));
        plan.list.signatures = withLength(bytes.concat(key, bytes32(uint256(1) << 8)));
        bytes memory whole = bytes.concat(plan.list.signatures);
        plan.list.signatures = _cut(plan.list.signatures, whole.length - 1);
        refuse(plan, _mismatch(99, 98));
        // Whole it is a signature like any other: with a path that leads to the root (ENT-4).
        plan.list.signatures = whole;
        commit(plan);
    }

    function test_DEP8_ListMismatch_TrailingBytes() public {
        Draft memory plan = certified(draft(3));
        bytes memory whole = plan.list.signatures;
        plan.list.signatures = bytes.concat(whole, hex"00");
        refuse(plan, _mismatch(201, 202));
        plan.list.signatures = bytes.concat(whole, signed(plan, 3));
        refuse(plan, _mismatch(201, 268));
    }

    /// @dev A signature with high s is the same one again, in another form.
    function test_ENT3_SignatureInvalid_HighS() public {
        Draft memory plan = certified(draft(1));
        bytes memory signature = sign(keys[0], ids[0], preparedOf(plan));
        uint256 s;
        assembly ("memory-safe") {
            s := mload(add(signature, 0x40))
            s := sub(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141, s)
            mstore(add(signature, 0x40), s)
        }
        signature[64] ^= 0x07;
        plan.list.signatures = withLength(signature);
        refuseSigner(plan, 0);
    }

    // Reverts: the settlements

    function test_NET6_SettlementMalformed() public {
        bytes memory reason = abi.encodeWithSelector(Errors.SettlementMalformed.selector, 0);
        Draft memory plan = certified(add(draft(2), pays(0, 1, 10)));
        // A number, and signatures beside the certificate.
        plan.list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 1, 0, 0));
        refuse(plan, reason);
        plan.list.heads[0] = packHead(Head(0, 1, 0, 0, FAR, 1, 65, 0));
        refuse(plan, reason);
        plan.list.heads[0] = packHead(Head(0, 1, 0, 0, FAR, 1, 0, 65));
        refuse(plan, reason);
        // Somebody who is not a signer.
        plan.list.heads[0] = packHead(Head(0, 2, 0, 0, FAR, 1, 0, 0));
        refuse(plan, reason);
    }

    /// @dev Wider than 128 bits, which an ABI coder would not write.
    function test_NET6_SettlementMalformed_OndeltaTooWide() public {
        Draft memory plan = certified(add(draft(2), Move(0, 1, 1, -10, 10, 1)));
        bytes memory data = abi.encodeCall(depository.commitPlan, (plan.terms, plan.list));
        // Selector, two offsets, four fields, a length; then the only `ondeltaDiff`.
        uint256 place = 4 + 7 * 32;
        assertEq(uint256(uint8(data[place + 31])), 1);
        data[place + 15] = 0x01;
        (bool success, bytes memory reason) = address(depository).call(data);
        assertTrue(!success, "an ondelta of more than 128 bits");
        bytes4 selector = Errors.SettlementMalformed.selector;
        assertEq(keccak256(reason), keccak256(abi.encodeWithSelector(selector, 0)));
    }

    function test_NET6_ListMismatch_OneOndeltaForEachDiff() public {
        Draft memory plan = certified(add(draft(2), pays(0, 1, 10)));
        plan.terms.ondeltaDiffs = new int128[](2);
        refuse(plan, _mismatch(1, 2));
        plan.terms.ondeltaDiffs = new int128[](0);
        refuse(plan, _mismatch(1, 0));
    }

    function test_NET6_DeadlinePassed_OfASettlement() public {
        VM.warp(1000);
        Draft memory plan = certified(add(draft(2), pays(0, 1, 10), 0, 999));
        refuse(plan, abi.encodeWithSelector(Errors.DeadlinePassed.selector, 999, 1000));
        commit(certified(add(draft(2), pays(0, 1, 10), 0, 1000)));
    }

    function test_NET6_EpochInvalid() public {
        Draft memory plan = certified(add(draft(2), pays(0, 1, 10), 1, FAR));
        refuse(plan, abi.encodeWithSelector(Errors.EpochInvalid.selector, 0, 1));
    }

    function test_NET6_TokenUnknown() public {
        Draft memory plan = certified(add(draft(2), pays(0, 1, 10)));
        plan.list.tokens[1] = 3;
        refuse(plan, abi.encodeWithSelector(Errors.TokenUnknown.selector, 3));
    }

    function test_NET6_CollateralInvalid() public {
        Draft memory plan = certified(add(draft(2), Move(0, 1, 1, 1, 0, 0)));
        bytes4 selector = Errors.CollateralInvalid.selector;
        refuse(plan, abi.encodeWithSelector(selector, 1, int256(-1)));
    }

    function test_NET6_OndeltaInvalid() public {
        int128 most = type(int128).max;
        commit(certified(add(draft(2), Move(0, 1, 1, 0, 0, most))));
        Draft memory plan = draft(3);
        plan = certified(add(plan, Move(0, 1, 1, 0, 0, 1)));
        bytes4 selector = Errors.OndeltaInvalid.selector;
        refuse(plan, abi.encodeWithSelector(selector, 1, int256(most) + 1));
    }

    function test_NET6_ReserveInsufficient() public {
        Draft memory plan = certified(add(draft(2), pays(0, 1, int128(int256(HELD)) + 1)));
        bytes4 selector = Errors.ReserveInsufficient.selector;
        refuse(plan, abi.encodeWithSelector(selector, ids[0], 1, HELD, HELD + 1));
    }

    // What a commit does

    function test_NET5_AMarkWithItsTime() public {
        Draft memory plan = certified(draft(5));
        assertEq(committedAt(plan), 0);
        VM.warp(1_700_000_000);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.PlanCommitted(hashOf(plan));
        commit(plan);
        assertEq(committedAt(plan), 1_700_000_000);
    }

    /// @dev The mark is what keeps a plan's settlement from landing twice: the account's number
    /// stays, whatever it is, and what was signed under the next one is still good.
    function test_NET6_NumbersAreNeitherReadNorWritten() public {
        depository.settleDiffs(one(7, -5, 5));
        Draft memory plan = certified(add(draft(2), Move(0, 1, 1, -30, 10, 11)));
        VM.expectEmit(true, true, true, true, address(depository));
        uint256 money = (uint256(16) << 128) | 20;
        emit Events.AccountUpdated(ids[0], ids[1], uint256(1) << 128, money);
        commit(plan);
        (uint64 epoch, uint64 number) = depository.accountOf(ids[0], ids[1]);
        assertEq(epoch, 0);
        assertEq(number, 7);
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        assertEq(ondelta, 16);
        assertEq(collateral, 20);
        depository.settleDiffs(one(8, -5, 5));
    }

    /// @dev Two tokens, several settlements of one account: each counts.
    function test_NET6_SettlementsAddUp() public {
        Draft memory plan = add(draft(3), pays(0, 1, 10));
        plan = add(add(plan, Move(0, 1, 2, -7, 7, 0)), pays(0, 1, 3));
        commit(certified(add(plan, pays(1, 2, 4))));
        assertEq(depository.reserveOf(ids[0], 1), HELD - 13);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 9);
        assertEq(depository.reserveOf(ids[2], 1), HELD + 4);
        assertEq(depository.reserveOf(ids[1], 2), HELD + 7);
    }

    /// @dev Whatever a plan moves, reserves and collateral sum to what they were.
    function testFuzz_RCP6_APlanMakesNoMoney(int128 leftDiff, int128 rightDiff) public {
        submit(0, funding(1, ids[0], ids[1], uint128(HELD / 2)));
        leftDiff = int128(leftDiff % int256(HELD / 2));
        rightDiff = int128(rightDiff % int256(HELD / 4));
        commit(certified(add(draft(3), Move(0, 1, 1, leftDiff / 2, rightDiff, leftDiff))));
        (, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        uint256 sum = depository.reserveOf(ids[0], 1) + depository.reserveOf(ids[1], 1);
        assertEq(sum + collateral, 2 * HELD);
    }

    function _mismatch(uint256 stated, uint256 present) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Errors.ListMismatch.selector, stated, present);
    }

    function _cut(bytes memory data, uint256 length) private pure returns (bytes memory) {
        assembly ("memory-safe") {
            mstore(data, length)
        }
        return data;
    }
}
