// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, MemberSignature} from "../../../contracts/type/Board.sol";
import {Fixture} from "./Fixture.sol";

/// @title ENT-1 to ENT-4, and the numbers of ENT-6. Reverts first, each named after its error.
contract EntityProviderTest is Fixture {
    bytes32 private constant DIGEST = keccak256("digest");

    function setUp() public {
        deploy();
    }

    function test_ENT6_BoardHashInvalid() public {
        bytes4 selector = IEntityProvider.BoardHashInvalid.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 0));
        provider.registerEntity(0);
        bytes32 narrow = bytes32(uint256(type(uint160).max));
        VM.expectRevert(abi.encodeWithSelector(selector, narrow));
        provider.registerEntity(narrow);
        provider.registerEntity(bytes32(uint256(narrow) + 1));
    }

    function test_ENT6_NumberNotGiven() public {
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.NumberNotGiven.selector, 1));
        provider.boardHashOf(1);
    }

    function test_ENT1_EntityInvalid() public {
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.EntityInvalid.selector, 0));
        provider.verify(0, DIGEST, "");
    }

    function test_ENT3_BoardNotOfEntity() public {
        Board memory board = boardOf(1, 1);
        bytes32 other = keccak256("other");
        bytes memory signature = signBoard(board, other, DIGEST, 1);
        VM.expectRevert(
            abi.encodeWithSelector(
                IEntityProvider.BoardNotOfEntity.selector,
                other,
                boardHash(board)
            )
        );
        provider.verify(other, DIGEST, signature);
    }

    function test_ENT2_BoardSizeInvalid() public {
        _refuse(
            boardOf(0, 1),
            0,
            abi.encodeWithSelector(IEntityProvider.BoardSizeInvalid.selector, 0)
        );
    }

    function test_ENT2_BoardUnsorted() public {
        Board memory board = boardOf(2, 2);
        board.members[1].id = board.members[0].id;
        bytes memory reason = abi.encodeWithSelector(
            IEntityProvider.BoardUnsorted.selector,
            ids[0],
            ids[0]
        );
        _refuse(board, 1, reason);
    }

    function test_ENT2_MemberWeightZero() public {
        Board memory board = boardOf(1, 1);
        board.members[0].weight = 0;
        bytes memory reason = abi.encodeWithSelector(
            IEntityProvider.MemberWeightZero.selector,
            ids[0]
        );
        _refuse(board, 1, reason);
    }

    function test_ENT2_ThresholdInvalid() public {
        // Two of three is not more than two thirds; zero would sign for nothing; four is too much.
        bytes4 selector = IEntityProvider.ThresholdInvalid.selector;
        _refuse(boardOf(3, 2), 2, abi.encodeWithSelector(selector, 2, 3));
        _refuse(boardOf(3, 4), 3, abi.encodeWithSelector(selector, 4, 3));
        _refuse(boardOf(1, 0), 0, abi.encodeWithSelector(selector, 0, 1));
    }

    function test_ENT4_PathTooDeep() public {
        Board memory board = boardOf(1, 1);
        bytes memory signature = abi.encode(board, new bytes32[](33), new MemberSignature[](0));
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.PathTooDeep.selector, 33));
        provider.verify(boardHash(board), DIGEST, signature);
    }

    function test_ENT2_SignaturesTooMany() public {
        Board memory board = boardOf(1, 1);
        MemberSignature[] memory many = new MemberSignature[](65);
        bytes memory signature = abi.encode(board, new bytes32[](0), many);
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.SignaturesTooMany.selector, 65));
        provider.verify(boardHash(board), DIGEST, signature);
    }

    function test_ENT3_SignatureMisplaced_Duplicate() public {
        Board memory board = boardOf(2, 2);
        MemberSignature[] memory signatures = new MemberSignature[](2);
        bytes memory signature = sign(keys[0], boardHash(board), DIGEST);
        signatures[0] = MemberSignature(0, signature);
        signatures[1] = MemberSignature(0, signature);
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.SignatureMisplaced.selector, 0));
        provider.verify(boardHash(board), DIGEST, abi.encode(board, new bytes32[](0), signatures));
    }

    function test_ENT3_SignatureMisplaced_NoMember() public {
        Board memory board = boardOf(1, 1);
        MemberSignature[] memory signatures = new MemberSignature[](1);
        signatures[0].member = 1;
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.SignatureMisplaced.selector, 1));
        provider.verify(boardHash(board), DIGEST, abi.encode(board, new bytes32[](0), signatures));
    }

    function test_ENT3_MemberSignatureInvalid_OtherDigest() public {
        Board memory board = boardOf(1, 1);
        bytes32 entity = boardHash(board);
        bytes memory signature = signBoard(board, entity, keccak256("other"), 1);
        bytes32 root = RootSignature.leaf(entity, DIGEST);
        VM.expectRevert(
            abi.encodeWithSelector(IEntityProvider.MemberSignatureInvalid.selector, ids[0], root)
        );
        provider.verify(entity, DIGEST, signature);
    }

    function test_ENT3_MemberSignatureInvalid_HighS() public {
        Board memory board = boardOf(1, 1);
        bytes32 entity = boardHash(board);
        MemberSignature[] memory signatures = new MemberSignature[](1);
        signatures[0] = MemberSignature(0, _malleate(entity));
        bytes32 root = RootSignature.leaf(entity, DIGEST);
        VM.expectRevert(
            abi.encodeWithSelector(IEntityProvider.MemberSignatureInvalid.selector, ids[0], root)
        );
        provider.verify(entity, DIGEST, abi.encode(board, new bytes32[](0), signatures));
    }

    function test_ENT3_KeySignatureInvalid() public {
        bytes memory high = _malleate(ids[0]);
        bytes memory reason = abi.encodeWithSelector(
            IEntityProvider.KeySignatureInvalid.selector,
            ids[0],
            DIGEST
        );
        VM.expectRevert(reason);
        provider.verify(ids[0], DIGEST, high);
        VM.expectRevert(reason);
        provider.verify(ids[0], DIGEST, "");
    }

    function test_ENT2_ThresholdNotReached() public {
        Board memory board = boardOf(4, 3);
        bytes32 entity = boardHash(board);
        bytes memory signature = signBoard(board, entity, DIGEST, 2);
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.ThresholdNotReached.selector, 2, 3));
        provider.verify(entity, DIGEST, signature);
    }

    function test_ENT3_SignatureNotCanonical() public {
        Board memory board = boardOf(1, 1);
        bytes32 entity = boardHash(board);
        bytes memory signature = bytes.concat(signBoard(board, entity, DIGEST, 1), bytes32(0));
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.SignatureNotCanonical.selector));
        provider.verify(entity, DIGEST, signature);
    }

    function test_ENT6_NumbersAreSequential() public {
        assertEq(provider.registerEntity(keccak256("a")), 1);
        assertEq(provider.registerEntity(keccak256("a")), 2);
        assertEq(provider.entityCount(), 2);
        assertEq(provider.boardHashOf(2), keccak256("a"));
    }

    function test_ENT2_BoardsSignAsLazyAndAsNumber() public {
        Board memory board = boardOf(4, 3);
        bytes32 lazy = boardHash(board);
        provider.verify(lazy, DIGEST, signBoard(board, lazy, DIGEST, 3));
        bytes32 numbered = bytes32(uint256(provider.registerEntity(lazy)));
        provider.verify(numbered, DIGEST, signBoard(board, numbered, DIGEST, 3));
    }

    /// @dev ENT-3 (EIP-7702): what recovers to an address is valid whatever code it has.
    function test_ENT3_KeyWithCodeStillSigns() public {
        VM.etch(VM.addr(keys[0]), hex"fe");
        provider.verify(ids[0], DIGEST, sign(keys[0], ids[0], DIGEST));
    }

    /// @dev ENT-4: one signature under a tree authorises any of its leaves, with the path.
    function testFuzz_ENT4_PathsFoldToTheRoot(
        bytes32[3] calldata others,
        bytes32 digest
    ) public view {
        bytes32 root = RootSignature.leaf(ids[0], digest);
        for (uint256 i = 0; i < 3; ++i) root = RootSignature.node(root, others[i]);
        bytes memory signature = signHash(keys[0], RootSignature.signingHash(root));
        bytes memory path = abi.encodePacked(others[0], others[1], others[2]);
        provider.verify(ids[0], digest, bytes.concat(signature, path));
    }

    function test_ENT4_DomainIsTheFormula() public pure {
        bytes32 typehash = keccak256("EIP712Domain(string name,string version)");
        assertEq(
            RootSignature.DOMAIN,
            keccak256(abi.encode(typehash, keccak256("XLN"), keccak256("1")))
        );
    }

    function _refuse(Board memory board, uint256 signers, bytes memory reason) private {
        bytes32 entity = boardHash(board);
        bytes memory signature = signBoard(board, entity, DIGEST, signers);
        VM.expectRevert(reason);
        provider.verify(entity, DIGEST, signature);
    }

    /// @dev The same signature with s mirrored, which plain ecrecover would take.
    function _malleate(bytes32 entity) private view returns (bytes memory) {
        bytes32 hash = RootSignature.signingHash(RootSignature.leaf(entity, DIGEST));
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[0], hash);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        uint8 other = v == 27 ? 28 : 27;
        assertTrue(ecrecover(hash, other, r, bytes32(order - uint256(s))) != address(0), "mirror");
        return abi.encodePacked(r, bytes32(order - uint256(s)), other);
    }
}
