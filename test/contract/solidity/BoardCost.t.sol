// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, Member, MemberSignature} from "../../../contracts/type/Board.sol";
import {BoardFixture} from "./BoardFixture.sol";

/// @title ENT-2, ENT-3: what judging boards costs at worst, against the gas that Authorisation
/// wants to be left: 60,000 and 90 a byte. Every case is below half of that.
contract BoardCostTest is BoardFixture {
    uint256 private constant START = 1_900_000_000;
    uint64 private constant LEVELS = 63;
    /// @dev Where the EntityProvider keeps heads and tenures.
    uint256 private constant HEADS = 1;
    uint256 private constant TENURES = 2;

    function setUp() public {
        deploy();
        VM.warp(START);
        // Numbers 1 to 63, each the only member of the next one's board.
        bytes32 hash = hashOf(0);
        for (uint64 number = 1; number <= LEVELS; ++number) {
            assertEq(provider.registerEntity(hash), number);
            hash = boardHash(sole(entityOf(number)));
        }
    }

    function test_ENT3_OneKey() public view {
        bytes32 entity = hashOf(0);
        bytes memory signature = signSole(0, entity, DIGEST);
        assertTrue(_cost(entity, signature) < 15_000, "a lazy board of one key");
        entity = entityOf(1);
        signature = signSole(0, entity, DIGEST);
        assertTrue(_cost(entity, signature) < 18_000, "a number with one key");
    }

    function test_ENT3_SixtyFourKeysUnderThirtyTwoLevels() public view {
        (Board memory board, uint256[] memory secrets) = _wide();
        bytes32 entity = boardHash(board);
        bytes32[] memory path = new bytes32[](32);
        bytes32 root = RootSignature.leaf(entity, DIGEST);
        for (uint256 i = 0; i < 32; ++i) {
            path[i] = keccak256(abi.encode(i));
            root = RootSignature.node(root, path[i]);
        }
        MemberSignature[] memory list = new MemberSignature[](64);
        bytes32 signed = RootSignature.signingHash(root);
        for (uint8 i = 0; i < 64; ++i) {
            list[i] = MemberSignature(i, signHash(secrets[i], signed));
        }
        _assertHalf(entity, abi.encode(board, path, list));
    }

    function test_ENT2_LazyBoardsSixtyThreeDeep() public view {
        bytes32[] memory hashes = new bytes32[](LEVELS);
        hashes[0] = hashOf(0);
        for (uint256 i = 1; i < LEVELS; ++i) hashes[i] = boardHash(sole(hashes[i - 1]));
        bytes32 entity = boardHash(sole(hashes[LEVELS - 1]));
        bytes memory signature = nestSole(0, entity, DIGEST);
        for (uint256 i = 0; i < LEVELS - 1; ++i) {
            signature = nested(sole(hashes[i]), signatures(0, signature));
        }
        signature = outermost(sole(hashes[LEVELS - 1]), signatures(0, signature));
        _assertHalf(entity, signature);
    }

    /// @dev Each was replaced twice since the time that is asked about, and signs with the board
    /// that had been replaced then: as much history as one can bring into a dispute.
    function test_ENT5_ReplacedNumbersSixtyThreeDeep() public {
        for (uint64 number = 1; number <= LEVELS; ++number) {
            bytes32 hash = provider.boardHashOf(number);
            for (uint64 index = 0; index < 5; ++index) {
                _store(number, index, index == 1 ? hash : keccak256(abi.encode(index)));
            }
            _set(_slot(number, HEADS), bytes32((_since(4) << 64) | 4));
        }
        VM.warp(_since(3));
        // Storage is what the contract says it is.
        (bytes32 stored, uint64 since) = provider.tenureOf(7, 4);
        assertTrue(stored == keccak256(abi.encode(4)) && since == _since(4), "laid out");
        this.assertChain(uint64(_since(2)));
    }

    /// @dev In a call of its own, after everything was written.
    function assertChain(uint64 asOf) external view {
        bytes32 entity = entityOf(LEVELS);
        bytes memory signature = nestSole(0, entity, DIGEST);
        for (uint64 number = 1; number < LEVELS - 1; ++number) {
            signature = nested(sole(entityOf(number)), signatures(0, signature));
        }
        signature = outermost(sole(entityOf(LEVELS - 1)), signatures(0, signature));
        uint256 before = gasleft();
        assertTrue(provider.verifyAsOf(entity, DIGEST, signature, asOf), "retired");
        // Slots are warm here: 63 numbers of 5 slots, 2,000 each, come on top.
        uint256 spent = before - gasleft() + uint256(LEVELS) * 5 * 2_000;
        _assertBelow(spent, signature.length);
    }

    function _assertHalf(bytes32 entity, bytes memory signature) private view {
        _assertBelow(_cost(entity, signature), signature.length);
    }

    function _assertBelow(uint256 spent, uint256 length) private pure {
        if (2 * spent > 60_000 + 90 * length) revert NotEqual(spent, 60_000 + 90 * length);
    }

    function _cost(bytes32 entity, bytes memory signature) private view returns (uint256) {
        uint256 before = gasleft();
        provider.verify(entity, DIGEST, signature);
        return before - gasleft();
    }

    function _wide() private pure returns (Board memory board, uint256[] memory secrets) {
        board.threshold = 64;
        board.members = new Member[](64);
        secrets = new uint256[](64);
        for (uint256 i = 0; i < 64; ++i) {
            Member memory member = Member(idOf(VM.addr(1000 + i)), 1);
            uint256 place = i;
            for (; place > 0 && board.members[place - 1].id > member.id; --place) {
                board.members[place] = board.members[place - 1];
                secrets[place] = secrets[place - 1];
            }
            (board.members[place], secrets[place]) = (member, 1000 + i);
        }
    }

    function _since(uint256 index) private pure returns (uint256) {
        return index == 0 ? 0 : START + index * DELAY;
    }

    function _store(uint64 number, uint64 index, bytes32 hash) private {
        bytes32 slot = keccak256(abi.encode(index, _slot(number, TENURES)));
        _set(slot, hash);
        _set(bytes32(uint256(slot) + 1), bytes32(_since(index)));
    }

    function _slot(uint64 number, uint256 mapping_) private pure returns (bytes32) {
        return keccak256(abi.encode(number, mapping_));
    }

    function _set(bytes32 slot, bytes32 value) private {
        VM.store(address(provider), slot, value);
    }
}
