// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SettlementDigest} from "../digest/SettlementDigest.sol";
import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Settlements} from "../type/Operation.sol";
import {Calldata} from "./Calldata.sol";
import {Packed} from "./Packed.sol";

/// @title Where a list of settlements lies, and what is at hand of the one whose turn it is.
library Settling {
    using Calldata for uint256;

    /// @dev Begins with a SettlementDigest.Terms, what the sides of the current settlement signed,
    /// which is hashed where it lies. Lists are positions in calldata, as checked by Layout;
    /// `diff` and `signature` move on with every settlement.
    /// @param nets Where in memory changes of reserves are summed: for each entity a row of
    /// `netsWidth` bytes, in it for each token a word.
    /// @param packed Where in memory a settlement's diffs are packed to be hashed.
    /// @param rows Where in memory for each diff of a settlement the slot and the new word of its
    /// money row are kept until all is checked.
    /// @param ondeltas How far behind a diff its `ondeltaDiff` lies, in a plan.
    /// @param hash Where in memory the next struct hash goes, in a plan.
    /// @param zeroes What of a head must be zero.
    struct State {
        bytes32 typehash;
        bytes32 left;
        bytes32 right;
        uint256 epoch;
        uint256 number;
        uint256 deadline;
        bytes32 plan;
        bytes32 diffsHash;
        uint256 entities;
        uint256 entityCount;
        uint256 tokens;
        uint256 tokenCount;
        uint256 heads;
        uint256 headsEnd;
        uint256 diff;
        uint256 diffsEnd;
        uint256 signature;
        uint256 signaturesEnd;
        uint256 nets;
        uint256 netsWidth;
        uint256 packed;
        uint256 rows;
        uint256 ondeltas;
        uint256 hash;
        uint256 zeroes;
        bool atomic;
        bool inPlan;
    }

    /// @param list Its layout was checked, so its lengths are bounded.
    function begin(Settlements calldata list) internal pure returns (State memory self) {
        uint256 position;
        assembly ("memory-safe") {
            position := list
        }
        self.typehash = SettlementDigest.TYPEHASH;
        unchecked {
            // Each list is its length, then its items.
            self.entities = position + 7 * 32;
            self.entityCount = (self.entities - 32).word();
            self.tokens = self.entities + self.entityCount * 32 + 32;
            self.tokenCount = (self.tokens - 32).word();
            self.heads = self.tokens + self.tokenCount * 32 + 32;
            self.headsEnd = self.heads + (self.heads - 32).word() * 32;
            self.diff = self.headsEnd + 32;
            self.diffsEnd = self.diff + self.headsEnd.word() * 32;
            self.signature = self.diffsEnd + 32;
            self.signaturesEnd = self.signature + self.diffsEnd.word();
            self.netsWidth = self.tokenCount * 32;
            self.nets = Packed.zeroed(self.entityCount * self.netsWidth);
            self.packed = Packed.allocate(self.tokenCount * SettlementDigest.DIFF_SIZE);
            self.rows = Packed.allocate(self.tokenCount * 64);
        }
    }

    /// @return result The struct hash of the terms, which `self` begins with.
    function structHash(State memory self) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(self, 0x100)
        }
    }

    /// @param head Of a settlement (see Settlements).
    /// @return A bit for every token that it changes.
    function tokenBits(uint256 head) internal pure returns (uint256) {
        return (head << 176) >> 224;
    }

    /// @param head Of a settlement (see Settlements).
    function signatureLengths(uint256 head) internal pure returns (uint256 left, uint256 right) {
        return ((head << 208) >> 232, (head << 232) >> 232);
    }

    /// @param head Of a settlement (see Settlements).
    /// @return left Left's row of nets.
    /// @return right Right's row of nets.
    function netsOf(
        State memory self,
        uint256 head
    ) internal pure returns (uint256 left, uint256 right) {
        (uint256 nets, uint256 width) = (self.nets, self.netsWidth);
        assembly ("memory-safe") {
            left := add(nets, mul(byte(20, head), width))
            right := add(nets, mul(byte(21, head), width))
        }
    }

    /// @param position Where the head of what is malformed lies.
    function refuse(State memory self, uint256 position) internal pure {
        unchecked {
            revert IDepositoryErrors.SettlementMalformed((position - self.heads) / 32);
        }
    }
}
