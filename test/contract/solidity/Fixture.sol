// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {DevToken} from "../../../contracts/dev/DevToken.sol";
import {SettlementDigest} from "../../../contracts/digest/SettlementDigest.sol";
import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, Member, MemberSignature} from "../../../contracts/type/Board.sol";
import {
    Batch,
    CollateralFunding,
    CollateralRelease,
    CollateralToReserve,
    Operations,
    ReserveToCollateral,
    ReserveToReserve,
    ReserveTransfer,
    Settlements,
    Withdrawal,
    Withdrawals
} from "../../../contracts/type/Operation.sol";
import {Test} from "./Test.sol";

/// @dev A settlement's head before it is packed into a word (see Settlements).
struct Head {
    uint256 left;
    uint256 right;
    uint256 epoch;
    uint256 number;
    uint256 deadline;
    uint256 tokens;
    uint256 leftSignature;
    uint256 rightSignature;
}

/// @title Contracts, two tokens, and five entities of the address class in ascending order.
/// @dev Tests deploy what the ordinary build made, by `create("Name.sol:Name", arguments)`, and
/// import interfaces, types and small libraries only: a test that imports a contract of
/// contracts/ compiles it a second time. The contracts are deployed here and nowhere else, by
/// `deployContracts()`; `deploy()` adds tokens and parties, `fill()` money.
abstract contract Fixture is Test {
    uint256 internal constant PARTIES = 5;
    uint256 internal constant HELD = 1_000_000;
    uint64 internal constant FAR = 4_000_000_000;
    uint32 internal constant MIN_WINDOW = 3_600;
    uint32 internal constant MAX_WINDOW = 1_209_600;
    uint32 internal constant DELAY = 1_296_000;
    uint32 internal constant GRACE = 1_209_600;

    IEntityProvider internal provider;
    IDepository internal depository;
    DevToken[] internal assets;
    uint256[] internal keys;
    bytes32[] internal ids;
    /// @dev Of the settlements that are made here.
    uint64 internal settlementEpoch;

    /// @dev The contracts alone, with no token and no party.
    function deployContracts() internal {
        provider = IEntityProvider(
            create("EntityProvider.sol:EntityProvider", abi.encode(DELAY, GRACE))
        );
        address module = create(
            "Enforcement.sol:Enforcement",
            abi.encode(provider, MIN_WINDOW, MAX_WINDOW)
        );
        depository = IDepository(create("Depository.sol:Depository", abi.encode(provider, module)));
    }

    /// @dev The contracts, tokens 1 and 2, and the parties.
    function deploy() internal {
        deployContracts();
        for (uint256 t = 0; t < 2; ++t) {
            assets.push(new DevToken("Dev", "DEV", 6));
            depository.registerToken(1, address(assets[t]), 0);
        }
        makeParties();
    }

    function makeParties() internal {
        for (uint256 i = 1; keys.length < PARTIES; ++i) _insert(i);
    }

    /// @dev Gives every party a reserve of `HELD` in both tokens.
    function fill() internal {
        for (uint256 t = 0; t < assets.length; ++t) {
            assets[t].mint(address(this), HELD * PARTIES);
            assets[t].approve(address(depository), HELD * PARTIES);
            for (uint256 i = 0; i < PARTIES; ++i) {
                depository.deposit(ids[i], uint32(t + 1), uint128(HELD));
            }
        }
    }

    function idOf(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function signHash(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }

    function sign(
        uint256 key,
        bytes32 entity,
        bytes32 digest
    ) internal pure returns (bytes memory) {
        return signHash(key, RootSignature.signingHash(RootSignature.leaf(entity, digest)));
    }

    /// @dev How a party signs: those whose id is an address by their key.
    function signAs(uint256 party, bytes32 digest) internal view virtual returns (bytes memory) {
        return sign(keys[party], ids[party], digest);
    }

    function batchOf(
        uint256 party,
        Operations memory operations
    ) internal view returns (Batch memory) {
        return Batch(ids[party], depository.nonceOf(ids[party]), FAR, operations);
    }

    function signBatch(
        uint256 party,
        Batch memory batch
    ) internal view virtual returns (bytes memory) {
        return signAs(party, depository.batchDigest(batch));
    }

    function submit(uint256 party, Operations memory operations) internal {
        Batch memory batch = batchOf(party, operations);
        depository.processBatch(batch, signBatch(party, batch));
    }

    function submitExpecting(
        uint256 party,
        Operations memory operations,
        bytes memory reason
    ) internal {
        Batch memory batch = batchOf(party, operations);
        bytes memory signature = signBatch(party, batch);
        VM.expectRevert(reason);
        depository.processBatch(batch, signature);
    }

    function payment(
        uint32 token,
        bytes32 to,
        uint128 amount
    ) internal pure returns (Operations memory operations) {
        operations.reserveToReserve = new ReserveToReserve[](1);
        ReserveTransfer[] memory transfers = new ReserveTransfer[](1);
        transfers[0] = ReserveTransfer(to, amount);
        operations.reserveToReserve[0] = ReserveToReserve(token, transfers);
    }

    function funding(
        uint32 token,
        bytes32 beneficiary,
        bytes32 counterparty,
        uint128 amount
    ) internal pure returns (Operations memory operations) {
        operations.reserveToCollateral = new ReserveToCollateral[](1);
        CollateralFunding[] memory fundings = new CollateralFunding[](1);
        fundings[0] = CollateralFunding(beneficiary, counterparty, amount);
        operations.reserveToCollateral[0] = ReserveToCollateral(token, fundings);
    }

    function withdrawal(
        uint32 token,
        address to,
        uint128 amount
    ) internal pure returns (Operations memory operations) {
        operations.withdrawals = new Withdrawals[](1);
        Withdrawal[] memory items = new Withdrawal[](1);
        items[0] = Withdrawal(to, amount);
        operations.withdrawals[0] = Withdrawals(token, items);
    }

    /// @dev The party takes collateral out of its account with the other, who signs the number.
    function release(
        uint256 party,
        uint256 other,
        uint32 token,
        uint64 number,
        uint128 amount
    ) internal view returns (Operations memory operations) {
        bool isLeft = party < other;
        int128 gain = int128(amount);
        bytes32 digest = settlementDigest(
            isLeft ? party : other,
            isLeft ? other : party,
            number,
            FAR,
            token,
            isLeft ? gain : int128(0),
            isLeft ? int128(0) : gain
        );
        operations.collateralToReserve = new CollateralToReserve[](1);
        CollateralRelease[] memory releases = new CollateralRelease[](1);
        releases[0] = CollateralRelease(ids[other], 0, number, FAR, amount, 65);
        bytes memory signature = sign(keys[other], ids[other], digest);
        operations.collateralToReserve[0] = CollateralToReserve(token, releases, signature);
    }

    function settlementDigest(
        uint256 left,
        uint256 right,
        uint64 number,
        uint64 deadline,
        uint32 token,
        int128 leftDiff,
        int128 rightDiff
    ) internal view returns (bytes32) {
        bytes32 diffsHash = keccak256(
            abi.encodePacked(token, leftDiff, rightDiff, -(leftDiff + rightDiff), -leftDiff)
        );
        SettlementDigest.Terms memory terms = SettlementDigest.Terms(
            SettlementDigest.TYPEHASH,
            ids[left],
            ids[right],
            settlementEpoch,
            number,
            deadline,
            0,
            diffsHash
        );
        return
            MessageHashUtils.toTypedDataHash(
                depository.domainSeparator(),
                keccak256(abi.encode(terms))
            );
    }

    /// @dev A list of so many settlements over all parties and both tokens, none filled in.
    function listOf(uint256 count, bool atomic) internal view returns (Settlements memory list) {
        list.atomic = atomic;
        list.entities = ids;
        list.tokens = new uint32[](2);
        (list.tokens[0], list.tokens[1]) = (1, 2);
        list.heads = new uint256[](count);
        list.diffs = new uint256[](count);
    }

    /// @dev Fills in a settlement of one diff, signed by both.
    function put(
        Settlements memory list,
        uint256 index,
        uint256 left,
        uint256 right,
        uint64 number,
        uint32 token,
        int128 leftDiff,
        int128 rightDiff
    ) internal view {
        list.heads[index] = packHead(
            Head(left, right, settlementEpoch, number, FAR, 1 << (token - 1), 0, 0)
        );
        list.diffs[index] = packDiff(leftDiff, rightDiff);
        bytes32 digest = settlementDigest(left, right, number, FAR, token, leftDiff, rightDiff);
        bytes memory signature = signAs(left, digest);
        list.heads[index] |= signature.length << 24;
        list.signatures = bytes.concat(list.signatures, signature);
        signature = signAs(right, digest);
        list.heads[index] |= signature.length;
        list.signatures = bytes.concat(list.signatures, signature);
    }

    /// @dev Fields must fit: what does not runs into its neighbour.
    function packHead(Head memory head) internal pure returns (uint256) {
        uint256 terms = (head.epoch << 224) | (head.number << 160) | (head.deadline << 96);
        uint256 places = (head.left << 88) | (head.right << 80) | (head.tokens << 48);
        return terms | places | (head.leftSignature << 24) | head.rightSignature;
    }

    function packDiff(int128 leftDiff, int128 rightDiff) internal pure returns (uint256) {
        return (uint256(uint128(leftDiff)) << 128) | uint128(rightDiff);
    }

    function one(
        uint64 number,
        int128 leftDiff,
        int128 rightDiff
    ) internal view returns (Settlements memory list) {
        list = listOf(1, true);
        put(list, 0, 0, 1, number, 1, leftDiff, rightDiff);
    }

    /// @dev A board of the first so many parties, one weight each, threshold as asked.
    function boardOf(uint256 size, uint32 threshold) internal view returns (Board memory board) {
        board.threshold = threshold;
        board.members = new Member[](size);
        for (uint256 i = 0; i < size; ++i) board.members[i] = Member(ids[i], 1);
    }

    function boardHash(Board memory board) internal pure returns (bytes32) {
        bytes memory packed = abi.encodePacked(board.threshold);
        for (uint256 i = 0; i < board.members.length; ++i) {
            packed = abi.encodePacked(packed, board.members[i].id, board.members[i].weight);
        }
        return keccak256(packed);
    }

    /// @dev Signed by the first so many members, in order.
    function signBoard(
        Board memory board,
        bytes32 entity,
        bytes32 digest,
        uint256 signers
    ) internal view returns (bytes memory) {
        MemberSignature[] memory signatures = new MemberSignature[](signers);
        for (uint256 i = 0; i < signers; ++i) {
            signatures[i] = MemberSignature(uint8(i), sign(keys[i], entity, digest));
        }
        return abi.encode(board, new bytes32[](0), signatures);
    }

    function _insert(uint256 key) internal {
        keys.push(key);
        ids.push(idOf(VM.addr(key)));
        for (uint256 i = ids.length - 1; i > 0 && ids[i] < ids[i - 1]; --i) {
            (ids[i], ids[i - 1]) = (ids[i - 1], ids[i]);
            (keys[i], keys[i - 1]) = (keys[i - 1], keys[i]);
        }
    }
}
