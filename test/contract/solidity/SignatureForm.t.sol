// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch, Settlements} from "../../../contracts/type/Operation.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {Head} from "./Fixture.sol";

/// @title ENT-3: a key's signature has one form at every door. Boards' are in Board.t.sol, those
/// of plans in Plan.t.sol, those of deposits in SignedDeposit.t.sol.
contract SignatureFormTest is DisputeFixture {
    using EnforcementBuild for Enforcement;

    uint256 private constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
    }

    function test_ENT3_OneFormUnderABatch() public {
        Batch memory batch = batchOf(0, payment(1, ids[1], 5));
        bytes memory good = signBatch(0, batch);
        bytes[] memory bad = _forms(good);
        for (uint256 i = 0; i < bad.length; ++i) {
            bytes memory data = abi.encodeCall(depository.processBatch, (batch, bad[i]));
            refuseCall(data, Errors.SignatureInvalid.selector);
        }
        depository.processBatch(batch, good);
    }

    /// @dev ENT-3: the bytes behind a signature are not read as its own. It says that it ends
    /// within its key's, or within its path; it is followed by what is missing.
    function test_ENT3_NothingBehindASignatureIsRead() public {
        Batch memory batch = batchOf(0, payment(1, ids[1], 5));
        bytes memory good = signBatch(0, batch);
        _refuseLength(batch, good, 1);
        _refuseLength(batch, good, 33);
        _refuseLength(batch, good, 64);
        good = _withPath(batch, 1);
        _refuseLength(batch, good, 66);
        _refuseLength(batch, good, 96);
        depository.processBatch(batch, good);
    }

    /// @dev ENT-4: a path has 32 levels at most.
    function test_ENT4_APathIsNoDeeper() public {
        Batch memory batch = batchOf(0, payment(1, ids[1], 5));
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, _withPath(batch, 33)));
        refuseCall(data, Errors.SignatureInvalid.selector);
        depository.processBatch(batch, _withPath(batch, 32));
    }

    function test_ENT3_OneFormUnderASettlement() public {
        Settlements memory list = one(1, -5, 5);
        bytes memory good = list.signatures;
        bytes32 digest = settlementDigest(0, 1, 1, FAR, 1, -5, 5);
        bytes[] memory bad = _forms(sign(keys[0], ids[0], digest));
        bytes memory right = sign(keys[1], ids[1], digest);
        for (uint256 i = 0; i < bad.length; ++i) {
            list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 1, bad[i].length, 65));
            list.signatures = bytes.concat(bad[i], right);
            bytes memory data = abi.encodeCall(depository.settleDiffs, (list));
            refuseCall(data, Errors.SignatureInvalid.selector);
        }
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 1, 65, 65));
        list.signatures = good;
        depository.settleDiffs(list);
    }

    function test_ENT3_OneFormUnderAProof() public {
        Claim memory proof = claim(5, 100);
        bytes[] memory bad = _forms(signClaim(1, proof));
        for (uint256 i = 0; i < bad.length; ++i) {
            Enforcement memory enforcement;
            putStart(enforcement, 0, proof);
            enforcement.starts[0].signatureLength = bad[i].length;
            enforcement.signatures = bad[i];
            submitExpecting(0, enforcement.alone(), invalid(1, proof));
        }
        start(0, proof);
    }

    /// @dev The call brings all of the signature, and says that it has so many bytes.
    function _refuseLength(Batch memory batch, bytes memory signature, uint256 length) private {
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, signature));
        uint256 place = data.length - ((signature.length + 31) / 32) * 32 - 32;
        assembly {
            mstore(add(add(data, 0x20), place), length)
        }
        refuseCall(data, Errors.SignatureInvalid.selector);
    }

    /// @dev Party 0's signature under a root that is so many levels above the batch.
    function _withPath(Batch memory batch, uint256 depth) private view returns (bytes memory) {
        bytes32 root = RootSignature.leaf(ids[0], depository.batchDigest(batch));
        bytes memory path;
        for (uint256 i = 0; i < depth; ++i) {
            bytes32 sibling = keccak256(abi.encode(i));
            root = RootSignature.node(root, sibling);
            path = bytes.concat(path, sibling);
        }
        return bytes.concat(signHash(keys[0], RootSignature.signingHash(root)), path);
    }

    /// @dev What recovers to the same key by looser rules, or reads like a signature.
    function _forms(bytes memory good) private pure returns (bytes[] memory bad) {
        (bytes32 r, bytes32 s, uint8 v) = _split(good);
        bad = new bytes[](9);
        bad[0] = abi.encodePacked(r, bytes32(ORDER - uint256(s)), 55 - v);
        bad[1] = abi.encodePacked(r, s, v - 27);
        bad[2] = abi.encodePacked(r, s | bytes32(uint256(v - 27) << 255));
        bad[3] = bytes.concat(good, hex"00");
        bad[4] = bytes.concat(good, new bytes(31));
        bad[5] = bytes.concat(good, new bytes(32 * 33));
        bad[6] = new bytes(65);
        bad[7] = "";
        bad[8] = abi.encodePacked(r, s);
    }

    function _split(bytes memory good) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly {
            r := mload(add(good, 0x20))
            s := mload(add(good, 0x40))
            v := byte(0, mload(add(good, 0x60)))
        }
    }
}
