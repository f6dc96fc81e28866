// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, Member, MemberSignature} from "../../../contracts/type/Board.sol";
import {BoardFixture} from "./BoardFixture.sol";

/// @title ENT-2: boards whose members are other entities. Reverts first, each named after its
/// error, then cycles, mixed roots, depth and forms.
contract BoardTest is BoardFixture {
    bytes32 private constant MAGNITUDE = bytes32(uint256(1) << 32);
    Board private inner;
    Board private outer;
    bytes32 private innerId;
    bytes32 private outerId;

    /// @dev The outer board needs party 4 and the inner one, which needs three of parties 0 to 3.
    function setUp() public {
        deploy();
        Board memory board = boardOf(4, 3);
        _keep(inner, board);
        innerId = boardHash(board);
        board = pair(ids[4], innerId);
        _keep(outer, board);
        outerId = boardHash(board);
    }

    // Reverts

    function test_ENT2_NestedBoardNotOfEntity() public {
        Board memory other = boardOf(4, 4);
        bytes memory theirs = nested(other, _keysOf(4));
        bytes4 selector = IEntityProvider.BoardNotOfEntity.selector;
        _refuse(theirs, abi.encodeWithSelector(selector, innerId, boardHash(other)));
    }

    function test_ENT2_NestedNumberNotGiven() public {
        Board memory board = sole(entityOf(9));
        bytes32 lazy = boardHash(board);
        bytes memory theirs = nestSole(0, lazy, DIGEST);
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.NumberNotGiven.selector, 9));
        provider.verify(lazy, DIGEST, outermost(board, signatures(0, theirs)));
    }

    function test_ENT2_NestedThresholdNotReached() public {
        bytes4 selector = IEntityProvider.ThresholdNotReached.selector;
        _refuse(nested(inner, _keysOf(2)), abi.encodeWithSelector(selector, 2, 3));
        // The outer one is not signed by the inner one alone, either.
        MemberSignature[] memory list = signatures(1, nested(inner, _keysOf(3)));
        VM.expectRevert(abi.encodeWithSelector(selector, 1, 2));
        provider.verify(outerId, DIGEST, outermost(outer, list));
    }

    function test_ENT2_NestedSignatureMisplaced() public {
        MemberSignature[] memory list = _keysOf(3);
        list[2].member = 1;
        bytes4 selector = IEntityProvider.SignatureMisplaced.selector;
        _refuse(nested(inner, list), abi.encodeWithSelector(selector, 1));
        list[2].member = 4;
        _refuse(nested(inner, list), abi.encodeWithSelector(selector, 4));
    }

    function test_ENT2_NestedMemberSignatureInvalid() public {
        bytes4 selector = IEntityProvider.MemberSignatureInvalid.selector;
        bytes32 root = RootSignature.leaf(outerId, DIGEST);
        // Signed for the member instead of for the outermost entity.
        MemberSignature[] memory list = _keysOf(3);
        list[1].signature = sign(keys[1], innerId, DIGEST);
        _refuse(nested(inner, list), abi.encodeWithSelector(selector, ids[1], root));
        list[1].signature = abi.encodePacked(sign(keys[1], outerId, DIGEST), bytes32(0));
        _refuse(nested(inner, list), abi.encodeWithSelector(selector, ids[1], root));
    }

    function test_ENT2_NestedBoardIsNone() public {
        Board memory none;
        _refuseBoard(none, abi.encodeWithSelector(IEntityProvider.BoardSizeInvalid.selector, 0));
        none = boardOf(3, 2);
        bytes4 selector = IEntityProvider.ThresholdInvalid.selector;
        _refuseBoard(none, abi.encodeWithSelector(selector, 2, 3));
        none.threshold = 3;
        none.members[2].weight = 0;
        selector = IEntityProvider.MemberWeightZero.selector;
        _refuseBoard(none, abi.encodeWithSelector(selector, ids[2]));
        none.members[2].id = ids[0];
        selector = IEntityProvider.BoardUnsorted.selector;
        _refuseBoard(none, abi.encodeWithSelector(selector, ids[1], ids[0]));
    }

    /// @dev 64 members may be, and are in Authorisation.t.sol.
    function test_ENT2_BoardSizeInvalid_TooLarge() public {
        Board memory large = Board(44, new Member[](65));
        for (uint256 i = 0; i < 65; ++i) large.members[i] = Member(bytes32((1 << 150) + i), 1);
        bytes memory reason = abi.encodeWithSelector(IEntityProvider.BoardSizeInvalid.selector, 65);
        _refuseBoard(large, reason);
        bytes32 entity = boardHash(large);
        VM.expectRevert(reason);
        provider.verify(entity, DIGEST, outermost(large, new MemberSignature[](44)));
    }

    function test_ENT2_SignaturesTooMany_Nested() public {
        // Two and 62 are as many as there may be: the first of the 62 is judged.
        bytes memory theirs = nested(inner, new MemberSignature[](62));
        bytes4 selector = IEntityProvider.MemberSignatureInvalid.selector;
        bytes32 root = RootSignature.leaf(outerId, DIGEST);
        _refuse(theirs, abi.encodeWithSelector(selector, ids[0], root));
        theirs = nested(inner, new MemberSignature[](63));
        _refuse(theirs, abi.encodeWithSelector(IEntityProvider.SignaturesTooMany.selector, 63));
    }

    /// @dev They are counted over all levels: one, 32 and 32 are one too many.
    function test_ENT2_SignaturesTooMany_OverThreeLevels() public {
        Board memory middle = sole(innerId);
        Board memory top = sole(boardHash(middle));
        bytes4 selector = IEntityProvider.SignaturesTooMany.selector;
        _refuseChain(top, middle, 32, abi.encodeWithSelector(selector, 32));
        // With one less the first of them is judged.
        selector = IEntityProvider.MemberSignatureInvalid.selector;
        bytes32 root = RootSignature.leaf(boardHash(top), DIGEST);
        _refuseChain(top, middle, 31, abi.encodeWithSelector(selector, ids[0], root));
    }

    function _refuseChain(
        Board memory top,
        Board memory middle,
        uint256 count,
        bytes memory reason
    ) private {
        MemberSignature[] memory list = new MemberSignature[](32);
        list[0].signature = nested(inner, new MemberSignature[](count));
        bytes memory signature = outermost(top, signatures(0, nested(middle, list)));
        VM.expectRevert(reason);
        provider.verify(boardHash(top), DIGEST, signature);
    }

    function test_ENT3_SignatureTooLong() public {
        bytes4 selector = IEntityProvider.SignatureTooLong.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 32_769));
        provider.verify(outerId, DIGEST, new bytes(32_769));
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.BoardSizeInvalid.selector, 0));
        provider.verify(outerId, DIGEST, new bytes(32_768));
    }

    function test_ENT3_SignatureNotCanonical_Nested() public {
        bytes memory good = nested(inner, _keysOf(3));
        _refuseForm(bytes.concat(good, bytes32(0)));
        _refuseForm(bytes.concat(good, hex"00"));
        _refuseForm(_without(good, 32));
        _refuseForm(_without(good, 1));
        // Offset of the board, of the signatures, of the members; a wide threshold and weight.
        uint256[5] memory words = [uint256(0), 1, 3, 2, 6];
        for (uint256 i = 0; i < words.length; ++i) {
            _refuseForm(_xored(good, 32 * words[i], MAGNITUDE));
        }
        // Offset of the first signature, of its bytes, their length, and their padding.
        uint256 list = 64 + 96 + 4 * 64;
        _refuseForm(_xored(good, list + 32, bytes32(uint256(32))));
        _refuseForm(_xored(good, list + 32 * 5, bytes32(uint256(32))));
        _refuseForm(_xored(good, list + 32 * 6, MAGNITUDE));
        _refuseForm(_xored(good, list + 32 * 9, bytes32(uint256(1))));
        // A length that wraps: the signature would end before it begins.
        _refuseForm(_xored(good, list + 32 * 6, bytes32(uint256(65) ^ (type(uint256).max - 63))));
        // A whole board signature, path and all, where a nested one belongs.
        _refuseForm(outermost(inner, _keysOf(3)));
        assertEq(provider.verify(outerId, DIGEST, _with(good)), 0);
    }

    /// @dev No bit of a nested signature is without meaning.
    function testFuzz_ENT3_AnyFlippedBitIsNoticed(uint256 bit) public {
        bytes memory good = _with(nested(inner, _keysOf(4)));
        bit = bound(bit, 0, good.length * 8 - 1);
        good[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        VM.expectRevert();
        provider.verify(outerId, DIGEST, good);
    }

    function test_ENT3_HighSIsRefusedInside() public {
        bytes32 hash = RootSignature.signingHash(RootSignature.leaf(outerId, DIGEST));
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[1], hash);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        s = bytes32(order - uint256(s));
        v = v == 27 ? 28 : 27;
        assertTrue(ecrecover(hash, v, r, s) == VM.addr(keys[1]), "plain ecrecover takes it");
        MemberSignature[] memory list = _keysOf(3);
        list[1].signature = abi.encodePacked(r, s, v);
        bytes4 selector = IEntityProvider.MemberSignatureInvalid.selector;
        bytes32 root = RootSignature.leaf(outerId, DIGEST);
        _refuse(nested(inner, list), abi.encodeWithSelector(selector, ids[1], root));
    }

    // Members that are entities

    function test_ENT2_LazyMembersSign() public view {
        provider.verify(outerId, DIGEST, _with(nested(inner, _keysOf(3))));
        provider.verify(outerId, DIGEST, _with(nested(inner, _keysOf(4))));
    }

    function test_ENT2_NumberedMembersSign() public {
        bytes32 member = entityOf(provider.registerEntity(innerId));
        Board memory board = pair(member, ids[4]);
        bytes32 entity = entityOf(provider.registerEntity(boardHash(board)));
        bytes memory mine = sign(keys[4], entity, DIGEST);
        MemberSignature[] memory list = new MemberSignature[](3);
        for (uint8 i = 0; i < 3; ++i) {
            list[i] = MemberSignature(i, sign(keys[i], entity, DIGEST));
        }
        bytes memory signature = outermost(board, signatures(nested(inner, list), mine));
        provider.verify(entity, DIGEST, signature);
        provider.verifyAsOf(entity, DIGEST, signature, uint64(block.timestamp));
    }

    /// @dev A key counts once on each board that it sits on.
    function test_ENT2_AKeyOnTwoBoards() public view {
        Board memory board = pair(ids[0], innerId);
        bytes32 entity = boardHash(board);
        bytes memory mine = sign(keys[0], entity, DIGEST);
        MemberSignature[] memory list = new MemberSignature[](3);
        for (uint8 i = 0; i < 3; ++i) {
            list[i] = MemberSignature(i, sign(keys[i], entity, DIGEST));
        }
        provider.verify(entity, DIGEST, outermost(board, signatures(mine, nested(inner, list))));
    }

    // Cycles

    /// @dev Two numbers that need each other: however often the one is brought inside of the
    /// other, the innermost lacks the next.
    function test_ENT2_CyclesSignNothing() public {
        Board memory one = pair(entityOf(2), ids[0]);
        Board memory two = pair(entityOf(1), ids[1]);
        provider.registerEntity(boardHash(one));
        provider.registerEntity(boardHash(two));
        bytes memory first = sign(keys[0], entityOf(1), DIGEST);
        bytes memory second = sign(keys[1], entityOf(1), DIGEST);
        bytes4 selector = IEntityProvider.ThresholdNotReached.selector;
        bytes memory reason = abi.encodeWithSelector(selector, 1, 2);
        bytes memory theirs = nested(two, signatures(1, second));
        for (uint256 i = 0; i < 6; ++i) {
            VM.expectRevert(reason);
            provider.verify(entityOf(1), DIGEST, outermost(one, signatures(theirs, first)));
            theirs = nested(one, signatures(theirs, first));
            theirs = nested(two, signatures(theirs, second));
        }
    }

    /// @dev A board that holds itself signs when its other members do, and only then.
    function test_ENT2_ABoardThatHoldsItself() public {
        bytes32 self = entityOf(1);
        Board memory board = boardOf(4, 4);
        board.members[3].id = ids[2];
        board.members[2].id = ids[1];
        board.members[1].id = ids[0];
        board.members[0].id = self;
        board.threshold = 3;
        provider.registerEntity(boardHash(board));
        MemberSignature[] memory list = new MemberSignature[](3);
        for (uint8 i = 0; i < 3; ++i) {
            list[i] = MemberSignature(i + 1, sign(keys[i], self, DIGEST));
        }
        provider.verify(self, DIGEST, outermost(board, list));
        bytes memory itself = nested(board, list);
        list[0] = MemberSignature(0, itself);
        list[1].member = 2;
        list[2].member = 3;
        list[1].signature = sign(keys[1], self, DIGEST);
        list[2].signature = sign(keys[2], self, DIGEST);
        provider.verify(self, DIGEST, outermost(board, list));
        // Two keys and itself by two keys are not three.
        MemberSignature[] memory few = new MemberSignature[](2);
        (few[0], few[1]) = (list[1], list[2]);
        list[0].signature = nested(board, few);
        bytes4 selector = IEntityProvider.ThresholdNotReached.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 2, 3));
        provider.verify(self, DIGEST, outermost(board, list));
    }

    // Roots

    /// @dev Precommits of two rounds are signatures of two roots, each of which holds the same
    /// digest: no mix of them is a board signature, whichever path comes along.
    function test_ENT4_PrecommitsOfMixedRounds() public {
        bytes32 leaf = RootSignature.leaf(innerId, DIGEST);
        bytes32[] memory path = new bytes32[](1);
        bytes32[] memory other = new bytes32[](1);
        (path[0], other[0]) = (keccak256("vote of round 1"), keccak256("vote of round 2"));
        bytes32 one = RootSignature.node(leaf, path[0]);
        bytes32 two = RootSignature.node(leaf, other[0]);
        MemberSignature[] memory list = new MemberSignature[](3);
        for (uint8 i = 0; i < 3; ++i) {
            bytes32 root = i == 1 ? two : one;
            list[i] = MemberSignature(i, signHash(keys[i], RootSignature.signingHash(root)));
        }
        bytes4 selector = IEntityProvider.MemberSignatureInvalid.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, ids[1], one));
        provider.verify(innerId, DIGEST, abi.encode(inner, path, list));
        VM.expectRevert(abi.encodeWithSelector(selector, ids[0], two));
        provider.verify(innerId, DIGEST, abi.encode(inner, other, list));
        list[1].signature = signHash(keys[1], RootSignature.signingHash(one));
        provider.verify(innerId, DIGEST, abi.encode(inner, path, list));
    }

    /// @dev Nested members sign the outermost board's root, its path included.
    function test_ENT4_APathIsTheOutermostBoards() public view {
        bytes32[] memory path = new bytes32[](2);
        (path[0], path[1]) = (keccak256("beside"), keccak256("above"));
        bytes32 root = RootSignature.node(RootSignature.leaf(outerId, DIGEST), path[0]);
        bytes32 signed = RootSignature.signingHash(RootSignature.node(root, path[1]));
        MemberSignature[] memory list = new MemberSignature[](3);
        for (uint8 i = 0; i < 3; ++i) list[i] = MemberSignature(i, signHash(keys[i], signed));
        list = signatures(signHash(keys[4], signed), nested(inner, list));
        provider.verify(outerId, DIGEST, abi.encode(outer, path, list));
    }

    // What the tests are made of

    function _keep(Board storage kept, Board memory board) private {
        kept.threshold = board.threshold;
        for (uint256 i = 0; i < board.members.length; ++i) kept.members.push(board.members[i]);
    }

    /// @dev The first so many parties, under the outermost entity's root.
    function _keysOf(uint256 count) private view returns (MemberSignature[] memory list) {
        list = new MemberSignature[](count);
        for (uint8 i = 0; i < count; ++i) {
            list[i] = MemberSignature(i, sign(keys[i], outerId, DIGEST));
        }
    }

    /// @dev The outer board's signature with that of its nested member.
    function _with(bytes memory theirs) private view returns (bytes memory) {
        return outermost(outer, signatures(sign(keys[4], outerId, DIGEST), theirs));
    }

    function _refuse(bytes memory theirs, bytes memory reason) private {
        bytes memory signature = _with(theirs);
        VM.expectRevert(reason);
        provider.verify(outerId, DIGEST, signature);
        VM.expectRevert(reason);
        provider.verifyAsOf(outerId, DIGEST, signature, uint64(block.timestamp));
    }

    function _refuseBoard(Board memory board, bytes memory reason) private {
        _refuse(nested(board, new MemberSignature[](0)), reason);
    }

    function _refuseForm(bytes memory theirs) private {
        _refuse(theirs, abi.encodeWithSelector(IEntityProvider.SignatureNotCanonical.selector));
    }

    function _without(bytes memory data, uint256 count) private pure returns (bytes memory) {
        bytes memory shorter = new bytes(data.length - count);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = data[i];
        return shorter;
    }

    function _xored(
        bytes memory data,
        uint256 position,
        bytes32 with
    ) private pure returns (bytes memory changed) {
        changed = bytes.concat(data);
        assembly ("memory-safe") {
            let pointer := add(add(changed, 0x20), position)
            mstore(pointer, xor(mload(pointer), with))
        }
    }
}
