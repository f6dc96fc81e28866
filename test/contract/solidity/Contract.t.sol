// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, MemberSignature} from "../../../contracts/type/Board.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {Wallet} from "./Wallet.sol";

/// @title ENT-3: contracts that sign by ERC-1271, and keys that have code (EIP-7702).
contract ContractTest is BoardFixture {
    Wallet private wallet;
    bytes32 private entity;

    function setUp() public {
        deploy();
        wallet = new Wallet();
        entity = idOf(address(wallet));
    }

    // A contract as an entity

    /// @dev What it is asked is the root that a key would sign for a tree of one leaf, and the
    /// whole signature.
    function test_ENT3_AContractSigns() public {
        wallet.approve(_signed(entity), "any bytes");
        assertEq(provider.verify(entity, DIGEST, "any bytes"), 1);
        _refuse(entity, "other bytes", _invalid(entity));
        wallet.approve(RootSignature.signingHash(DIGEST), "any bytes");
        _refuse(entity, "any bytes", _invalid(entity));
    }

    function test_ENT3_AnAnswerIsOneWord() public {
        wallet.set(Wallet.Answer.Yes);
        assertEq(provider.verify(entity, DIGEST, ""), 1);
        wallet.set(Wallet.Answer.Long);
        assertEq(provider.verify(entity, DIGEST, ""), 1);
    }

    function test_ENT3_KeySignatureInvalid_OtherAnswers() public {
        Wallet.Answer[6] memory answers = [
            Wallet.Answer.No,
            Wallet.Answer.Refuses,
            Wallet.Answer.Burns,
            Wallet.Answer.Short,
            Wallet.Answer.Dirty,
            Wallet.Answer.Empty
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            wallet.set(answers[i]);
            _refuse(entity, "", _invalid(entity));
        }
    }

    /// @dev What a contract returns is not copied: a bomb costs its own gas and no more.
    function test_ENT3_AReturnBombIsNotCopied() public {
        wallet.set(Wallet.Answer.Bomb);
        bytes memory reason = _invalid(entity);
        uint256 before = gasleft();
        VM.expectRevert(reason);
        provider.verify(entity, DIGEST, "");
        // The bomb costs 30,000 gas; copying it would cost 38,000 more.
        assertTrue(before - gasleft() < 60_000, "what is returned, and what is around it");
    }

    function test_ENT3_AContractIsNotAskedAboutProofs() public {
        wallet.set(Wallet.Answer.Yes);
        VM.expectRevert(_invalid(entity));
        provider.verifyAsOf(entity, DIGEST, "", uint64(block.timestamp));
    }

    // A contract as a member

    function test_ENT3_AContractIsAMember() public {
        (Board memory board, bytes32 lazy) = _withWallet();
        wallet.approve(_signed(lazy), "any bytes");
        bytes memory signature = _both(board, lazy, "any bytes");
        assertEq(provider.verify(lazy, DIGEST, signature), 1);
        VM.expectRevert(_memberInvalid(lazy));
        provider.verifyAsOf(lazy, DIGEST, signature, uint64(block.timestamp));
        _refuse(lazy, _both(board, lazy, "other bytes"), _memberInvalid(lazy));
    }

    /// @dev Two levels down, under a path: the root is the outermost board's.
    function test_ENT3_AContractIsANestedMember() public {
        (Board memory inner, bytes32 lazy) = _withWallet();
        Board memory board = sole(lazy);
        bytes32 outer = boardHash(board);
        bytes32[] memory path = new bytes32[](1);
        path[0] = keccak256("beside it");
        bytes32 root = RootSignature.node(RootSignature.leaf(outer, DIGEST), path[0]);
        bytes32 signed = RootSignature.signingHash(root);
        wallet.approve(signed, "");
        bytes memory mine = signHash(keys[0], signed);
        MemberSignature[] memory list = _ordered(inner, mine, "");
        bytes memory signature = abi.encode(board, path, signatures(0, nested(inner, list)));
        assertEq(provider.verify(outer, DIGEST, signature), 1);
    }

    // Gas

    /// @dev Below what the contract may spend, and what is around it, the call says so.
    function test_ENT3_GasTooLow() public {
        wallet.set(Wallet.Answer.Yes);
        bytes4 selector = IEntityProvider.GasTooLow.selector;
        try provider.verify{gas: 160_000}(entity, DIGEST, "") {
            revert NotTrue("asked with too little gas");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == selector, "GasTooLow");
        }
        assertEq(provider.verify{gas: 180_000}(entity, DIGEST, ""), 1);
    }

    /// @dev Whatever is sent: the contract is asked with all of its gas, or the call fails with
    /// GasTooLow or without data, never with a verdict.
    function testFuzz_ENT3_NoGasTurnsAYesIntoANo(uint256 gas) public {
        gas = bound(gas, 1_000, 400_000);
        wallet.set(Wallet.Answer.Works);
        (Board memory board, bytes32 lazy) = _withWallet();
        _withGas(entity, "", gas);
        _withGas(lazy, _both(board, lazy, ""), gas);
    }

    function _withGas(bytes32 whose, bytes memory signature, uint256 gas) private view {
        try provider.verify{gas: gas}(whose, DIGEST, signature) returns (uint256 asked) {
            assertEq(asked, 1);
        } catch (bytes memory reason) {
            bool low = bytes4(reason) == IEntityProvider.GasTooLow.selector;
            assertTrue(reason.length == 0 || low, "a verdict for want of gas");
        }
    }

    // Keys that have code

    /// @dev A key that delegates to code which would deny everything has signed all the same.
    function test_ENT3_ADelegationDoesNotUnsign() public {
        Wallet.Answer[5] memory answers = [
            Wallet.Answer.No,
            Wallet.Answer.Refuses,
            Wallet.Answer.Burns,
            Wallet.Answer.Bomb,
            Wallet.Answer.Dirty
        ];
        bytes memory mine = sign(keys[0], ids[0], DIGEST);
        Board memory board = sole(ids[0]);
        bytes32 lazy = boardHash(board);
        bytes memory ours = signSole(0, lazy, DIGEST);
        uint64 now_ = uint64(block.timestamp);
        for (uint256 i = 0; i < answers.length; ++i) {
            _delegate(0).set(answers[i]);
            assertEq(provider.verify(ids[0], DIGEST, mine), 0);
            assertEq(provider.verify(lazy, DIGEST, ours), 0);
            assertTrue(!provider.verifyAsOf(ids[0], DIGEST, mine, now_), "a key");
            assertTrue(!provider.verifyAsOf(lazy, DIGEST, ours, now_), "a board");
        }
    }

    /// @dev Nor does it sign proofs: only what the key itself signed lasts.
    function test_ENT3_ADelegationSignsNoProofs() public {
        _delegate(0).set(Wallet.Answer.Yes);
        bytes32 lazy = boardHash(sole(ids[0]));
        bytes memory junk = outermost(sole(ids[0]), signatures(0, ""));
        assertEq(provider.verify(ids[0], DIGEST, ""), 1);
        assertEq(provider.verify(lazy, DIGEST, junk), 1);
        uint64 now_ = uint64(block.timestamp);
        VM.expectRevert(_invalid(ids[0]));
        provider.verifyAsOf(ids[0], DIGEST, "", now_);
        VM.expectRevert(memberInvalid(0, lazy, DIGEST));
        provider.verifyAsOf(lazy, DIGEST, junk, now_);
    }

    /// @dev A delegation to an address without code answers nothing, which is no yes.
    function test_ENT3_ADelegationToNobody() public {
        VM.etch(VM.addr(keys[0]), abi.encodePacked(hex"ef0100", address(0xdead)));
        _refuse(ids[0], "", _invalid(ids[0]));
        provider.verify(ids[0], DIGEST, sign(keys[0], ids[0], DIGEST));
    }

    // What the tests are made of

    /// @dev The designator that a transaction of EIP-7702 would leave; what runs has the key's
    /// own storage.
    function _delegate(uint256 party) private returns (Wallet) {
        address account = VM.addr(keys[party]);
        VM.etch(account, abi.encodePacked(hex"ef0100", address(wallet)));
        return Wallet(account);
    }

    /// @dev A board that needs party 0 and the wallet.
    function _withWallet() private view returns (Board memory board, bytes32 lazy) {
        board = ids[0] < entity ? pair(ids[0], entity) : pair(entity, ids[0]);
        lazy = boardHash(board);
    }

    function _both(
        Board memory board,
        bytes32 whose,
        bytes memory theirs
    ) private view returns (bytes memory) {
        bytes memory mine = sign(keys[0], whose, DIGEST);
        return outermost(board, _ordered(board, mine, theirs));
    }

    function _ordered(
        Board memory board,
        bytes memory mine,
        bytes memory theirs
    ) private view returns (MemberSignature[] memory) {
        return board.members[0].id == ids[0] ? signatures(mine, theirs) : signatures(theirs, mine);
    }

    function _signed(bytes32 whose) private pure returns (bytes32) {
        return RootSignature.signingHash(RootSignature.leaf(whose, DIGEST));
    }

    function _refuse(bytes32 whose, bytes memory signature, bytes memory reason) private {
        VM.expectRevert(reason);
        provider.verify(whose, DIGEST, signature);
    }

    function _invalid(bytes32 whose) private pure returns (bytes memory) {
        bytes4 selector = IEntityProvider.KeySignatureInvalid.selector;
        return abi.encodeWithSelector(selector, whose, DIGEST);
    }

    function _memberInvalid(bytes32 whose) private view returns (bytes memory) {
        bytes4 selector = IEntityProvider.MemberSignatureInvalid.selector;
        return abi.encodeWithSelector(selector, entity, RootSignature.leaf(whose, DIGEST));
    }
}
