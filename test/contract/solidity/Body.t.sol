// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {BodyRow, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title DIS-2: bodies are checked when they are brought, so that none can fail at the end. Every
/// body here is signed by both sides.
contract BodyTest is ConditionFixture {
    using EnforcementBuild for BodyRow[];
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;
    address private constant SUBJECT = address(0xbeef);

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
    }

    // Rows

    /// @dev DIS-2: one junk token would make the end fail, so the start does.
    function test_DIS2_TokenUnknown() public {
        Claim memory proof = claim(5, 0);
        proof.rows[0].token = 3;
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        bytes memory reason = abi.encodeWithSelector(Errors.TokenUnknown.selector, 3);
        submitExpecting(0, enforcement.alone(), reason);
    }

    function test_DIS2_TokensAscend() public {
        Claim memory proof = claim(5, 0);
        proof.rows[0].token = 0;
        _refuse(proof);
        proof.rows = row(1, 0, 0, 0).concat(row(1, 0, 0, 0));
        _refuseUnhashed(proof);
        proof.rows = row(2, 0, 0, 0).concat(row(1, 0, 0, 0));
        _refuseUnhashed(proof);
    }

    function test_DIS2_AmountsAreInRange() public {
        Claim memory proof = claim(5, type(int128).min);
        _refuse(proof);
        proof = claim(5, 0);
        proof.rows[0].leftLimit = 1 << 127;
        _refuse(proof);
        proof = claim(5, 0);
        proof.rows[0].rightLimit = 1 << 127;
        _refuse(proof);
        uint128 most = (1 << 127) - 1;
        proof.rows = row(1, -type(int128).max, most, most);
        start(0, proof);
    }

    /// @dev DIS-2: what is read must be what is hashed: no word may be wider than it.
    function test_DIS2_WordsAreNoWiderThanHashed() public {
        uint256[4] memory bits = [uint256(32), 128, 128, 128];
        for (uint256 field = 0; field < 4; ++field) {
            bytes memory data = _startData(claim(5, 1));
            // The one row lies behind the tokens', conditions' and signatures' lists.
            uint256 place = _find(data, abi.encode(claim(5, 1).rows[0]));
            assembly {
                let word := add(add(data, 0x20), add(place, mul(field, 0x20)))
                mstore(word, xor(mload(word), shl(mload(add(bits, mul(field, 0x20))), 1)))
            }
            // No token has an id that is wider than 32 bits.
            refuseSigned(
                data,
                field == 0 ? Errors.TokenUnknown.selector : Errors.BodyInvalid.selector
            );
        }
    }

    function test_DIS2_TooManyRows() public {
        for (uint256 t = 3; t <= 33; ++t) {
            depository.registerToken(1, address(new Filler()), 0);
        }
        Claim memory proof = claim(5, 0);
        for (uint32 token = 2; token <= 32; ++token) {
            proof.rows = proof.rows.concat(row(token, 0, 0, 0));
        }
        Claim memory larger = claim(5, 0);
        larger.rows = proof.rows.concat(row(33, 0, 0, 0));
        _refuse(larger);
        assertEq(outcome(proof), 0);
    }

    // Conditions

    function test_DIS2_Kinds() public {
        for (uint8 kind = 0; kind < 6; kind += 5) {
            _refuse(_with(condition(kind, START, 0, move(1, 1), "")));
        }
    }

    function test_DIS2_AConditionMovesSomething() public {
        _refuse(_with(condition(HASH_LOCK, START, 0, "", "")));
    }

    function test_DIS2_TokensOfConditionsAreTheBodys() public {
        _refuse(_with(condition(HASH_LOCK, START, 0, move(2, 1), "")));
        bytes memory twice = bytes.concat(move(1, 1), move(1, 1));
        _refuse(_with(condition(HASH_LOCK, START, 0, twice, "")));
        Claim memory proof = withSecond(claim(5, 0), 0, 0, 0);
        bytes memory turned = bytes.concat(move(2, 1), move(1, 1));
        _refuse(withSlot(proof, condition(HASH_LOCK, START, 0, turned, "")));
    }

    function test_DIS2_AmountsOfConditionsAreInRange() public {
        _refuse(_with(condition(HASH_LOCK, START, 0, move(1, type(int128).min), "")));
        start(0, _with(condition(HASH_LOCK, START, 0, move(1, -type(int128).max), "")));
    }

    function test_DIS2_LocksHaveNoData() public {
        _refuse(_with(condition(HASH_LOCK, START, 0, move(1, 1), hex"00")));
        _refuse(_with(condition(PLAN_LOCK, START, 0, move(1, 1), hex"00")));
    }

    function test_DIS2_OrdersNameTheirTaker() public {
        _refuse(_with(condition(LIMIT_ORDER, START, 0, move(1, 1), "")));
        _refuse(_with(condition(LIMIT_ORDER, START, 0, move(1, 1), hex"02")));
        _refuse(_with(condition(LIMIT_ORDER, START, 0, move(1, 1), hex"0100")));
    }

    function test_DIS2_Transformers() public {
        bytes memory data = abi.encodePacked(uint32(1), int128(0));
        bytes32 subject = idOf(SUBJECT);
        _refuse(_with(condition(TRANSFORMER, START, bytes32(uint256(1) << 160), move(1, 1), data)));
        bytes memory short = abi.encodePacked(uint32(1), bytes15(0));
        _refuse(_with(condition(TRANSFORMER, START, subject, move(1, 1), short)));
        _refuse(_with(condition(TRANSFORMER, START, subject, move(1, -1), data)));
        data = abi.encodePacked(uint32(1), type(int128).min);
        _refuse(_with(condition(TRANSFORMER, START, subject, move(1, 1), data)));
        _refuse(_with(transformer(START, SUBJECT, 5_000_001, 0, 0, "")));
        Claim memory two = _with(transformer(START, SUBJECT, 4_000_000, 0, 0, ""));
        _refuse(withSlot(two, transformer(START, SUBJECT, 1_000_001, 0, 0, "")));
        two = _with(transformer(START, SUBJECT, 4_000_000, 0, 0, ""));
        start(0, withSlot(two, transformer(START, SUBJECT, 1_000_000, 0, 0, "")));
    }

    function test_DIS2_LengthsAreExact() public {
        bytes memory whole = condition(HASH_LOCK, START, 0, move(1, 1), "");
        for (uint256 length = 1; length < whole.length; length += 6) {
            bytes memory part = new bytes(length);
            for (uint256 i = 0; i < length; ++i) part[i] = whole[i];
            _refuse(_with(part));
        }
    }

    /// @dev DIS-2: a transformer that ends within its amount. What follows it is bytes of a lock,
    /// and would be its gas and its lower bound, too: read so it would all fit.
    function test_DIS2_ATransformerIsNoShorterThanItsParts() public {
        bytes memory cut = condition(TRANSFORMER, START, idOf(SUBJECT), move(1, 1 << 120), "");
        assembly {
            mstore(cut, 61)
        }
        Claim memory proof = withSlot(_with(cut), "");
        _refuse(withSlot(proof, condition(HASH_LOCK, START, 0, move(1, 1), "")));
    }

    /// @dev One body has one encoding.
    function test_DIS2_NoEmptySlotsAtTheEnd() public {
        bytes memory taken = condition(HASH_LOCK, START, 0, move(1, 1), "");
        _refuse(withSlot(_with(taken), ""));
        _refuse(_with(""));
        start(0, withSlot(_with(""), taken));
    }

    function test_DIS2_TooManySlots() public {
        Claim memory proof = claim(5, 0);
        proof.slots = new bytes[](1025);
        proof.slots[1024] = condition(HASH_LOCK, START, 0, move(1, 1), "");
        _refuse(proof);
        (proof.slots[1023], proof.slots) = (proof.slots[1024], new bytes[](1024));
        proof.slots[1023] = condition(HASH_LOCK, START, 0, move(1, 1), "");
        start(0, proof);
    }

    function test_DIS2_TooManyBytes() public {
        bytes memory payload = new bytes(65_000);
        Claim memory proof = _with(transformer(START, SUBJECT, 1, 0, 0, payload));
        // 65,000 + 2 + 42 + 20 + 4 + 16, and another slot.
        uint256 rest = 68_000 - 65_084 - 84;
        Claim memory larger = withSlot(
            proof,
            transformer(START, SUBJECT, 1, 0, 0, new bytes(rest + 1))
        );
        _refuse(larger);
        larger.slots[1] = transformer(START, SUBJECT, 1, 0, 0, new bytes(rest));
        start(0, larger);
    }

    // Pools, and what leads to them

    /// @dev DEP-8: the offset of an enforcement in a batch leads to where it lies.
    function test_DEP8_TheOffsetOfAnEnforcement() public {
        bytes memory data = _startData(claim(5, 1));
        // Behind the selector, two offsets, the batch's three words and its offset lie the offsets
        // of six lists, the lengths of five empty ones, and that of the enforcements.
        uint256 place = 4 + 6 * 32 + 6 * 32 + 5 * 32 + 32;
        assertEq(_wordAt(data, place), 32);
        _setWord(data, place, 64);
        refuseSigned(data, Errors.LayoutNotCanonical.selector);
        _setWord(data, place, 0);
        refuseSigned(data, Errors.LayoutNotCanonical.selector);
    }

    /// @dev DEP-8: so do the offsets of its lists.
    function test_DEP8_TheOffsetsOfAnEnforcementsLists() public {
        Enforcement memory e;
        e.addPreimage(keccak256("preimage"));
        bytes memory data = abi.encodeCall(depository.enforce, (e));
        for (uint256 place = 4 + 32; place < 4 + 11 * 32; place += 32) {
            uint256 offset = _wordAt(data, place);
            _setWord(data, place, offset + 32);
            refuseCall(data, Errors.LayoutNotCanonical.selector);
            _setWord(data, place, offset);
        }
        (bool success, ) = address(depository).call(data);
        assertTrue(success, "as it is");
    }

    function test_DEP8_PoolsAreUsedUp() public {
        for (uint256 field = 0; field < 8; ++field) {
            Enforcement memory e;
            putStart(e, 0, _with(condition(HASH_LOCK, START, 0, move(1, 1), "")));
            if (field == 0) e.addRows(row(2, 0, 0, 0));
            if (field == 1) e.conditions = bytes.concat(e.conditions, hex"00");
            if (field == 2) e.addToken(1);
            if (field == 3) e.signatures = bytes.concat(e.signatures, hex"00");
            if (field == 4) ++e.starts[0].rows;
            if (field == 5) ++e.starts[0].conditionBytes;
            if (field == 6) ++e.starts[0].signatureLength;
            if (field == 7) e.starts[0].rows = 1 << 249;
            refuse(0, e, Errors.ListMismatch.selector);
        }
    }

    function _with(bytes memory slot) private pure returns (Claim memory) {
        return withSlot(claim(5, 0), slot);
    }

    function _refuse(Claim memory self) private {
        Enforcement memory enforcement;
        putStart(enforcement, 0, self);
        refuse(0, enforcement, Errors.BodyInvalid.selector);
    }

    /// @dev Of rows that the reference does not hash.
    function _refuseUnhashed(Claim memory self) private {
        Enforcement memory enforcement;
        BodyRow[] memory rows = self.rows;
        self.rows = row(1, 0, 0, 0);
        putStart(enforcement, 0, self);
        (enforcement.rows, enforcement.starts[0].rows) = (rows, rows.length);
        refuse(0, enforcement, Errors.BodyInvalid.selector);
    }

    function _startData(Claim memory self) private view returns (bytes memory) {
        Enforcement memory enforcement;
        putStart(enforcement, 0, self);
        return
            abi.encodeCall(
                depository.processBatch,
                (batchOf(0, enforcement.alone()), new bytes(65))
            );
    }

    function _find(bytes memory data, bytes memory part) private pure returns (uint256 place) {
        bytes32 wanted = keccak256(part);
        uint256 size = part.length;
        for (place = 4; place + size <= data.length; place += 32) {
            bytes32 found;
            assembly {
                found := keccak256(add(add(data, 0x20), place), size)
            }
            if (found == wanted) return place;
        }
        revert NotTrue("found");
    }

    function _wordAt(bytes memory data, uint256 place) private pure returns (uint256 word) {
        assembly {
            word := mload(add(add(data, 0x20), place))
        }
    }

    function _setWord(bytes memory data, uint256 place, uint256 word) private pure {
        assembly {
            mstore(add(add(data, 0x20), place), word)
        }
    }

    /// @dev Signs what the calldata carries, as it is.
    function refuseSigned(bytes memory data, bytes4 selector) private {
        // The operations lie behind the selector, two offsets and the batch's three words and
        // offset, up to the signature's length and 96 bytes.
        uint256 start = 4 + 6 * 32;
        uint256 length = data.length - 128 - start;
        bytes memory operations = new bytes(length + 32);
        for (uint256 i = 0; i < length; ++i) operations[i + 32] = data[start + i];
        operations[31] = 0x20;
        bytes memory signature = sign(keys[0], ids[0], _digest(keccak256(operations)));
        for (uint256 i = 0; i < 65; ++i) data[data.length - 96 + i] = signature[i];
        refuseCall(data, selector);
    }

    function _digest(bytes32 operationsHash) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Batch(bytes32 entity,uint64 nonce,uint64 deadline,bytes32 operationsHash)"
        );
        bytes32 structHash = keccak256(abi.encode(typehash, ids[0], 0, FAR, operationsHash));
        return keccak256(abi.encodePacked(hex"1901", depository.domainSeparator(), structHash));
    }
}

/// @dev Something with code, to be a token.
contract Filler {}
