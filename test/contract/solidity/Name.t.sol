// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {Log} from "./Test.sol";
import {Wallet} from "./Wallet.sol";

/// @title ENT-6: names. Reverts first, each named after its error.
contract NameTest is BoardFixture {
    bytes32 private entity;
    uint64 private number;

    function setUp() public {
        deploy();
        VM.warp(1_900_000_000);
        number = registerSole(0);
        entity = entityOf(number);
    }

    // Reverts

    function test_ENT6_NameLengthInvalid() public {
        bytes4 selector = IEntityProvider.NameLengthInvalid.selector;
        _refuseName("", abi.encodeWithSelector(selector, 0));
        string memory long = "abcdefghijklmnopqrstuvwxyz-012345"; // 33 letters
        _refuseName(long, abi.encodeWithSelector(selector, 33));
        VM.expectRevert(abi.encodeWithSelector(selector, 0));
        provider.ownerOf("");
    }

    /// @dev What looks like another name, is another case of it, or is bytes of something else.
    function test_ENT6_NameLetterInvalid_Lookalikes() public {
        _refuseLetter("Bank", 0, "B");
        _refuseLetter("banK", 3, "K");
        _refuseLetter(" bank", 0, " ");
        _refuseLetter("bank ", 4, " ");
        _refuseLetter("ba nk", 2, " ");
        _refuseLetter("bank.", 4, ".");
        _refuseLetter("ba_nk", 2, "_");
        _refuseLetter("ba/nk", 2, "/");
        _refuseLetter("ba:nk", 2, ":");
        _refuseLetter("ba`nk", 2, "`");
        _refuseLetter("ba{nk", 2, "{");
        // A Cyrillic a, an a with an accent, a zero byte, an invisible joiner.
        _refuseLetter(unicode"bаnk", 1, hex"d0");
        _refuseLetter(unicode"bánk", 1, hex"c3");
        _refuseLetter("bank\x00", 4, hex"00");
        _refuseLetter(unicode"ba‍nk", 2, hex"e2");
    }

    function test_ENT6_NameLetterInvalid_HyphenAtAnEnd() public {
        _refuseLetter("-bank", 0, "-");
        _refuseLetter("bank-", 4, "-");
        _refuseLetter("-", 0, "-");
        _refuseLetter("--", 0, "-");
    }

    function test_ENT6_NameTaken() public {
        _claim(0, entity, "bank");
        bytes4 selector = IEntityProvider.NameTaken.selector;
        // By the same entity, and by another one.
        bytes memory signature = _claimSignature(0, entity, "bank");
        VM.expectRevert(abi.encodeWithSelector(selector, "bank", entity));
        provider.claimName(entity, "bank", signature);
        signature = _claimKey(1, "bank");
        VM.expectRevert(abi.encodeWithSelector(selector, "bank", entity));
        provider.claimName(ids[1], "bank", signature);
        assertEq(provider.nonceOf(ids[1]), 0);
    }

    function test_ENT6_NameNotOwned() public {
        bytes4 selector = IEntityProvider.NameNotOwned.selector;
        bytes memory signature = _transferKey(1, ids[2], "bank");
        VM.expectRevert(abi.encodeWithSelector(selector, "bank", 0));
        provider.transferName(ids[1], ids[2], "bank", signature);
        _claim(0, entity, "bank");
        VM.expectRevert(abi.encodeWithSelector(selector, "bank", entity));
        provider.transferName(ids[1], ids[2], "bank", signature);
    }

    function test_ENT6_EntityInvalid() public {
        bytes memory reason = abi.encodeWithSelector(IEntityProvider.EntityInvalid.selector, 0);
        VM.expectRevert(reason);
        provider.claimName(0, "bank", "");
        VM.expectRevert(reason);
        provider.transferName(entity, 0, "bank", "");
    }

    function test_ENT6_NumberNotGiven() public {
        bytes4 selector = IEntityProvider.NumberNotGiven.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 9));
        provider.transferName(entity, entityOf(9), "bank", "");
        bytes memory signature = _claimSignature(0, entityOf(9), "bank");
        VM.expectRevert(abi.encodeWithSelector(selector, 9));
        provider.claimName(entityOf(9), "bank", signature);
    }

    function test_ENT6_KeySignatureInvalid() public {
        bytes memory other = _claimKey(2, "bank");
        bytes4 selector = IEntityProvider.KeySignatureInvalid.selector;
        bytes32 digest = claimDigest(ids[1], "bank", 0);
        VM.expectRevert(abi.encodeWithSelector(selector, ids[1], digest));
        provider.claimName(ids[1], "bank", other);
    }

    // What happens

    function test_ENT6_ClaimedAndGivenAway() public {
        assertEq(provider.ownerOf("bank"), 0);
        VM.recordLogs();
        _claim(0, entity, "bank");
        Log[] memory logs = VM.getRecordedLogs();
        assertEq(logs[0].topics[0], IEntityProvider.NameClaimed.selector);
        assertEq(logs[0].topics[1], entity);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode("bank")));
        assertEq(provider.ownerOf("bank"), entity);

        bytes32 digest = transferDigest(entity, ids[1], "bank", 1);
        bytes memory signature = signSole(0, entity, digest);
        VM.recordLogs();
        provider.transferName(entity, ids[1], "bank", signature);
        logs = VM.getRecordedLogs();
        assertEq(logs[0].topics[0], IEntityProvider.NameTransferred.selector);
        assertEq(logs[0].topics[1], entity);
        assertEq(logs[0].topics[2], ids[1]);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode("bank")));
        assertEq(provider.ownerOf("bank"), ids[1]);
        // And back, by its new owner; the old signature is of no use then.
        provider.transferName(ids[1], entity, "bank", _transferKey(1, entity, "bank"));
        bytes32 again = transferDigest(entity, ids[1], "bank", 2);
        VM.expectRevert(memberInvalid(0, entity, again));
        provider.transferName(entity, ids[1], "bank", signature);
    }

    /// @dev Each class of entity, an entity of many names, and every length.
    function test_ENT6_WhoeverSignsOwns() public {
        bytes32 lazy = hashOf(2);
        _claim(2, lazy, "a");
        provider.claimName(ids[1], "0-9", _claimKey(1, "0-9"));
        Wallet wallet = new Wallet();
        wallet.set(Wallet.Answer.Yes);
        provider.claimName(idOf(address(wallet)), "contract", "");
        _claim(0, entity, "abcdefghijklmnopqrstuvwxyz-01234");
        _claim(0, entity, "56789");
        _claim(0, entity, "a--b");
        assertEq(provider.ownerOf("a"), lazy);
        assertEq(provider.ownerOf("0-9"), ids[1]);
        assertEq(provider.ownerOf("contract"), idOf(address(wallet)));
        assertEq(provider.ownerOf("abcdefghijklmnopqrstuvwxyz-01234"), entity);
        assertEq(provider.nonceOf(entity), 3);
        // One is not the beginning of the other.
        assertEq(provider.ownerOf("abcdefghijklmnopqrstuvwxyz-0123"), 0);
    }

    /// @dev Names follow the board: who replaces it disposes of them.
    function test_ENT5_ARetiredBoardGivesNoNamesAway() public {
        _claim(0, entity, "bank");
        propose(0, number, 1);
        VM.warp(block.timestamp + DELAY);
        bytes32 digest = transferDigest(entity, ids[0], "bank", 2);
        bytes memory signature = signSole(0, entity, digest);
        VM.expectRevert(notOfEntity(0, entity));
        provider.transferName(entity, ids[0], "bank", signature);
        signature = signSole(1, entity, digest);
        provider.transferName(entity, ids[0], "bank", signature);
    }

    /// @dev Any bytes: a name is taken exactly if each letter may stand where it does.
    function testFuzz_ENT6_Letters(bytes32 seed, uint256 length) public {
        bytes memory text = new bytes(bound(length, 0, 34));
        bytes memory letters = "az09-`{/:AZ_ ";
        bool allowed = text.length != 0 && text.length < 33;
        for (uint256 i = 0; i < text.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            // Mostly letters that may stand there, so that whole names come up.
            bytes1 letter = letters[dice % (dice >> 250 == 0 ? letters.length : 4)];
            text[i] = dice >> 251 == 31 ? bytes1("-") : letter;
            bool plain = dice >> 250 != 0 || dice % letters.length < 4;
            bool hyphen = text[i] == "-";
            if (hyphen) plain = i != 0 && i != text.length - 1;
            allowed = allowed && plain;
        }
        string memory name = string(text);
        bytes memory signature = _claimSignature(0, entity, name);
        try provider.claimName(entity, name, signature) {
            assertTrue(allowed, "a name that is none");
            assertEq(provider.ownerOf(name), entity);
        } catch {
            assertTrue(!allowed, "a name that is one");
        }
    }

    // What the tests are made of

    function _claimSignature(
        uint256 party,
        bytes32 whose,
        string memory name
    ) private view returns (bytes memory) {
        return signSole(party, whose, claimDigest(whose, name, provider.nonceOf(whose)));
    }

    function _claim(uint256 party, bytes32 whose, string memory name) private {
        bytes memory signature = _claimSignature(party, whose, name);
        provider.claimName(whose, name, signature);
    }

    function _claimKey(uint256 party, string memory name) private view returns (bytes memory) {
        bytes32 digest = claimDigest(ids[party], name, provider.nonceOf(ids[party]));
        return sign(keys[party], ids[party], digest);
    }

    function _transferKey(
        uint256 party,
        bytes32 to,
        string memory name
    ) private view returns (bytes memory) {
        bytes32 digest = transferDigest(ids[party], to, name, provider.nonceOf(ids[party]));
        return sign(keys[party], ids[party], digest);
    }

    function _refuseName(string memory name, bytes memory reason) private {
        bytes memory signature = _claimSignature(0, entity, name);
        VM.expectRevert(reason);
        provider.claimName(entity, name, signature);
    }

    function _refuseLetter(string memory name, uint256 position, bytes1 letter) private {
        bytes4 selector = IEntityProvider.NameLetterInvalid.selector;
        _refuseName(name, abi.encodeWithSelector(selector, position, letter));
    }
}
