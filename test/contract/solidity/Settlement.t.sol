// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SettlementDigest} from "../../../contracts/digest/SettlementDigest.sol";
import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {Fixture, Head} from "./Fixture.sol";

/// @title DEP-4, DEP-5: settlements in both modes. Reverts first.
contract SettlementTest is Fixture {
    function setUp() public {
        deploy();
        fill();
    }

    function test_DEP4_DeadlinePassed() public {
        Settlements memory list = one(1, -5, 5);
        list.heads[0] = packHead(Head(0, 1, 0, 1, 0, 1, 65, 65));
        _refuse(list, abi.encodeWithSelector(Errors.DeadlinePassed.selector, 0, block.timestamp));
    }

    function test_DEP4_EpochInvalid() public {
        Settlements memory list = one(1, -5, 5);
        list.heads[0] = packHead(Head(0, 1, 1, 1, FAR, 1, 65, 65));
        _refuse(list, abi.encodeWithSelector(Errors.EpochInvalid.selector, 0, 1));
    }

    function test_DEP4_NumberUsed() public {
        _refuse(one(0, -5, 5), abi.encodeWithSelector(Errors.NumberUsed.selector, 0, 0));
        depository.settleDiffs(one(9, -5, 5));
        _refuse(one(9, -5, 5), abi.encodeWithSelector(Errors.NumberUsed.selector, 9, 9));
        _refuse(one(8, -5, 5), abi.encodeWithSelector(Errors.NumberUsed.selector, 9, 8));
    }

    /// @dev Anything in the head's upper 160 bits is a dispute; it is written there by hand.
    function test_DEP4_DisputeLive() public {
        bytes32 accounts = bytes32(uint256(4));
        bytes32 key = keccak256(abi.encode(keccak256(abi.encode(ids[0], ids[1])), accounts));
        depository.settleDiffs(one(1, -5, 5));
        uint256 head = uint256(VM.load(address(depository), key));
        assertEq(head, 1);
        VM.store(address(depository), key, bytes32(head | (1 << 96)));
        _refuse(one(2, -5, 5), abi.encodeWithSelector(Errors.DisputeLive.selector, ids[0], ids[1]));
    }

    function test_DEP4_SignatureInvalid_EitherSide() public {
        Settlements memory list = one(1, -5, 5);
        list.diffs[0] = packDiff(-6, 5);
        bytes32 digest = settlementDigest(0, 1, 1, FAR, 1, -6, 5);
        _refuse(list, abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[0], digest));
        list = one(1, -5, 5);
        list.signatures[65] ^= 0x01;
        digest = settlementDigest(0, 1, 1, FAR, 1, -5, 5);
        _refuse(list, abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[1], digest));
    }

    /// @dev A settlement that names a plan is signed differently; without a plan's commit its
    /// signatures are worth nothing.
    function test_DEP4_SignaturesThatNameAPlanAreRefused() public {
        Settlements memory list = one(1, -5, 5);
        bytes32 digest = _digestNamingPlan();
        list.signatures = bytes.concat(
            sign(keys[0], ids[0], digest),
            sign(keys[1], ids[1], digest)
        );
        bytes32 expected = settlementDigest(0, 1, 1, FAR, 1, -5, 5);
        _refuse(list, abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[0], expected));
    }

    function test_DEP4_SettlementMalformed() public {
        bytes memory reason = abi.encodeWithSelector(Errors.SettlementMalformed.selector, 0);
        Settlements memory list = one(1, -5, 5);
        list.heads[0] = packHead(Head(1, 1, 0, 1, FAR, 1, 65, 65));
        _refuse(list, reason);
        list.heads[0] = packHead(Head(2, 1, 0, 1, FAR, 1, 65, 65));
        _refuse(list, reason);
        list.heads[0] = packHead(Head(0, 5, 0, 1, FAR, 1, 65, 65));
        _refuse(list, reason);
        // No token, one that the table does not have, and more tokens than diffs.
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 0, 65, 65));
        _refuse(list, reason);
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 4, 65, 65));
        _refuse(list, reason);
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 3, 65, 65));
        _refuse(list, reason);
        list = one(1, -5, 5);
        list.diffs[0] = packDiff(type(int128).min, 5);
        _refuse(list, reason);
        list.diffs[0] = packDiff(-5, type(int128).min);
        _refuse(list, reason);
    }

    /// @dev All that is there belongs to a settlement, and no settlement takes what is not there.
    function test_DEP8_ListMismatch() public {
        Settlements memory list = one(1, -5, 5);
        list.signatures = bytes.concat(list.signatures, hex"00");
        _refuse(list, abi.encodeWithSelector(Errors.ListMismatch.selector, 130, 131));
        list = one(1, -5, 5);
        list.diffs = new uint256[](2);
        list.diffs[0] = packDiff(-5, 5);
        _refuse(list, abi.encodeWithSelector(Errors.ListMismatch.selector, 1, 2));
        // Skipped, but it states a signature that reaches past the end.
        list = one(0, -5, 5);
        list.atomic = false;
        list.heads[0] = packHead(Head(0, 1, 0, 0, FAR, 1, 65, 66));
        _refuse(list, abi.encodeWithSelector(Errors.ListMismatch.selector, 131, 130));
    }

    function test_DEP8_Unsorted() public {
        Settlements memory list = one(1, -5, 5);
        (list.tokens[0], list.tokens[1]) = (2, 2);
        _refuse(list, abi.encodeWithSelector(Errors.Unsorted.selector, 2, 2));
        list = one(1, -5, 5);
        list.entities[1] = list.entities[0];
        _refuse(list, abi.encodeWithSelector(Errors.Unsorted.selector, ids[0], list.entities[0]));
    }

    function test_DEP1_TokenUnknown() public {
        Settlements memory list = one(1, -5, 5);
        list.tokens[1] = 3;
        _refuse(list, abi.encodeWithSelector(Errors.TokenUnknown.selector, 3));
    }

    function test_RCP_CollateralInvalid() public {
        _refuse(
            one(1, 1, 0),
            abi.encodeWithSelector(Errors.CollateralInvalid.selector, 1, int256(-1))
        );
    }

    function test_RCP5_OndeltaInvalid() public {
        int128 most = type(int128).max;
        Settlements memory ring = _ring(most, 1);
        depository.settleDiffs(ring);
        Settlements memory more = _ring(1, 2);
        _refuse(more, abi.encodeWithSelector(Errors.OndeltaInvalid.selector, 1, int256(most) + 1));
    }

    function test_DEP5_ReserveInsufficient_OnBalance() public {
        int128 amount = int128(int256(HELD)) + 1;
        _refuse(
            one(1, -amount, amount),
            abi.encodeWithSelector(Errors.ReserveInsufficient.selector, ids[0], 1, HELD, HELD + 1)
        );
    }

    function test_DEP5_ARingNeedsNoLiquidity() public {
        int128 amount = int128(int256(HELD)) * 1000;
        depository.settleDiffs(_ring(amount, 1));
        for (uint256 i = 0; i < 3; ++i) assertEq(depository.reserveOf(ids[i], 1), HELD);
        (int128 ondelta, ) = depository.moneyOf(ids[0], ids[1], 1);
        assertEq(int256(ondelta), amount);
    }

    function test_DEP5_InTheSkippingModeEachMustBeSolvent() public {
        Settlements memory ring = _ring(int128(int256(HELD)) * 1000, 1);
        ring.atomic = false;
        depository.settleDiffs(ring);
        (, uint64 number) = depository.accountOf(ids[0], ids[1]);
        assertEq(number, 0);
    }

    /// @dev DEP-5: in each of its tokens, not in the last alone.
    function test_DEP5_InTheSkippingModeSolventInEveryToken() public {
        uint256 reserve = depository.reserveOf(ids[0], 1);
        _settleBoth(1, -int128(int256(reserve)) - 1, -1);
        _settleBoth(1, -1, -int128(int256(reserve)) - 1);
        (, uint64 number) = depository.accountOf(ids[0], ids[1]);
        assertEq(number, 0);
        _settleBoth(1, -int128(int256(reserve)), -1);
        assertEq(depository.reserveOf(ids[0], 1), 0);
        assertEq(depository.reserveOf(ids[0], 2), HELD - 1);
    }

    /// @dev DEP-4: what fails is skipped, and what one settlement brings in pays for the next.
    function test_DEP4_SkipAndReport() public {
        Settlements memory list = listOf(3, false);
        int128 all = int128(int256(HELD));
        put(list, 0, 0, 1, 1, 1, -all, all);
        put(list, 1, 0, 2, 1, 1, -1, 1);
        put(list, 2, 1, 2, 1, 1, -2 * all, 2 * all);
        depository.settleDiffs(list);
        assertEq(depository.reserveOf(ids[0], 1), 0);
        assertEq(depository.reserveOf(ids[1], 1), 0);
        assertEq(depository.reserveOf(ids[2], 1), 3 * HELD);
        (, uint64 number) = depository.accountOf(ids[0], ids[2]);
        assertEq(number, 0);
    }

    function test_DEP4_AllOrNothing() public {
        Settlements memory list = listOf(2, true);
        put(list, 0, 0, 1, 1, 1, -5, 5);
        put(list, 1, 0, 2, 0, 1, -1, 1);
        _refuse(list, abi.encodeWithSelector(Errors.NumberUsed.selector, 0, 0));
        assertEq(depository.reserveOf(ids[0], 1), HELD);
    }

    /// @dev DEP-4: the carrier signs no second time; no other may leave its signature out.
    function test_DEP4_OnlyTheCarrierIsExcused() public {
        Settlements memory list = one(1, -5, 5);
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 1, 0, 65));
        list.signatures = sign(keys[1], ids[1], settlementDigest(0, 1, 1, FAR, 1, -5, 5));
        Operations memory operations;
        operations.settlements = new Settlements[](1);
        operations.settlements[0] = list;
        bytes32 digest = settlementDigest(0, 1, 1, FAR, 1, -5, 5);
        bytes memory reason = abi.encodeWithSelector(
            Errors.SignatureInvalid.selector,
            ids[0],
            digest
        );
        submitExpecting(2, operations, reason);
        submit(0, operations);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 5);
    }

    /// @dev Fair by itself: what each side has, reserve and claim together, never changes.
    function testFuzz_DEP4_FairByItself(int128 leftDiff, int128 rightDiff) public {
        int128 held = int128(int256(HELD));
        submit(0, funding(1, ids[0], ids[1], uint128(HELD / 2)));
        submit(1, funding(1, ids[1], ids[0], uint128(HELD / 2)));
        leftDiff = int128(int256(bound(uint256(int256(leftDiff)), 0, HELD))) - held / 2;
        rightDiff = int128(int256(bound(uint256(int256(rightDiff)), 0, HELD))) - held / 2;
        (int256 left, int256 right) = _wealth();
        depository.settleDiffs(one(1, leftDiff, rightDiff));
        (int256 leftAfter, int256 rightAfter) = _wealth();
        assertEq(left, leftAfter);
        assertEq(right, rightAfter);
    }

    function _wealth() private view returns (int256 left, int256 right) {
        (int256 ondelta, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        left = int256(uint256(depository.reserveOf(ids[0], 1))) + ondelta;
        right = int256(uint256(depository.reserveOf(ids[1], 1))) - ondelta;
        right += int256(uint256(collateral));
    }

    /// @dev 0 pays 1, 1 pays 2, 2 pays 0.
    function _ring(int128 amount, uint64 number) private view returns (Settlements memory list) {
        list = listOf(3, true);
        put(list, 0, 0, 1, number, 1, -amount, amount);
        put(list, 1, 1, 2, number, 1, -amount, amount);
        put(list, 2, 0, 2, number, 1, amount, -amount);
    }

    /// @dev Left pays right in both tokens, in a list of one settlement that may be skipped.
    function _settleBoth(uint64 number, int128 first, int128 second) private {
        Settlements memory list = listOf(1, false);
        list.heads[0] = packHead(Head(0, 1, 0, number, FAR, 3, 65, 65));
        list.diffs = new uint256[](2);
        (list.diffs[0], list.diffs[1]) = (packDiff(first, -first), packDiff(second, -second));
        bytes32 diffsHash = keccak256(
            abi.encodePacked(
                abi.encodePacked(uint32(1), first, -first, int128(0), -first),
                abi.encodePacked(uint32(2), second, -second, int128(0), -second)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                SettlementDigest.TYPEHASH,
                ids[0],
                ids[1],
                0,
                number,
                FAR,
                bytes32(0),
                diffsHash
            )
        );
        bytes32 digest = keccak256(
            abi.encodePacked(hex"1901", depository.domainSeparator(), structHash)
        );
        list.signatures = bytes.concat(
            sign(keys[0], ids[0], digest),
            sign(keys[1], ids[1], digest)
        );
        depository.settleDiffs(list);
    }

    function _digestNamingPlan() private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Settlement(bytes32 left,bytes32 right,uint64 epoch,uint64 number,"
            "uint64 deadline,bytes32 plan,bytes32 diffsHash)"
        );
        bytes32 diffsHash = keccak256(
            abi.encodePacked(uint32(1), int128(-5), int128(5), int128(0), int128(5))
        );
        bytes32 structHash = keccak256(
            abi.encode(typehash, ids[0], ids[1], 0, 1, FAR, keccak256("plan"), diffsHash)
        );
        return keccak256(abi.encodePacked(hex"1901", depository.domainSeparator(), structHash));
    }

    function _refuse(Settlements memory list, bytes memory reason) private {
        VM.expectRevert(reason);
        depository.settleDiffs(list);
    }
}
