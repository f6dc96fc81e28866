// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title What the chain remembers of a dispute: hashes, whose preimages callers bring (DIS-5).
/// @dev A window is one word, as in IDepositoryEvents: `salt:u64 | flags:u8 | startedAt:u64 |
/// end:u64`. The salt is of the block before the start. Without it two bodies with one commitment,
/// one for the other side to sign and one to finalise with, could be sought for years before the
/// dispute; so they would have to be found within a block's time, by some 2^80 hashes.
library Dispute {
    uint256 internal constant STARTER_IS_RIGHT = 1;
    uint256 internal constant BY_RIGHT = 2;
    uint256 internal constant BY_LEFT = 4;
    uint256 internal constant LEFT_RETIRED = 8;
    uint256 internal constant RIGHT_RETIRED = 16;
    uint256 internal constant RETIRED = LEFT_RETIRED | RIGHT_RETIRED;
    /// @dev Above all flags.
    uint256 internal constant ALL = 32;

    uint256 private constant FLAGS = 128;
    uint256 private constant SALT = 136;
    uint256 private constant NUMBER = 192;

    /// @return What `shortest` and `longest` read: how short and how long a window may be, in
    /// seconds, u32 each.
    function bounds(uint256 least, uint256 most) internal pure returns (uint256) {
        return (least << 32) | most;
    }

    function shortest(uint256 both) internal pure returns (uint256) {
        return both >> 32;
    }

    function longest(uint256 both) internal pure returns (uint256) {
        return uint32(both);
    }

    /// @param length Of the window, in seconds, below 2^63.
    /// @return The window of a dispute that starts now.
    function open(uint256 flags, uint256 length) internal view returns (uint256) {
        unchecked {
            uint256 salt = uint64(uint256(blockhash(block.number - 1)));
            uint256 last = block.timestamp + length;
            return (salt << SALT) | (flags << FLAGS) | (block.timestamp << 64) | last;
        }
    }

    function startedAt(uint256 window) internal pure returns (uint256) {
        return uint64(window >> 64);
    }

    function end(uint256 window) internal pure returns (uint256) {
        return uint64(window);
    }

    function flagsOf(uint256 window) internal pure returns (uint256) {
        return uint8(window >> FLAGS);
    }

    /// @param flags Below 2^8.
    /// @return The same window under other flags.
    function withFlags(uint256 window, uint256 flags) internal pure returns (uint256) {
        return (window & ~(uint256(0xff) << FLAGS)) | (flags << FLAGS);
    }

    /// @dev What a start brought is brought by the starter's batch, which brings no counter.
    /// @return Whether the window's proof is the one that the dispute was started with.
    function isOfStart(uint256 window) internal pure returns (bool) {
        uint256 flags = flagsOf(window);
        return flags & (flags & STARTER_IS_RIGHT != 0 ? BY_RIGHT : BY_LEFT) != 0;
    }

    /// @return The 160 bits that an account's head keeps; never zero.
    function commitment(uint256 window, bytes32 bodyHash) internal pure returns (uint256) {
        uint256 low = uint160(uint256(Hashes.efficientKeccak256(bytes32(window), bodyHash)));
        return low == 0 ? 1 : low;
    }

    /// @param number Below 2^64.
    /// @return What lies beside the head for a proof that overtook the head's.
    function overtaking(
        uint256 number,
        uint256 window,
        bytes32 bodyHash
    ) internal pure returns (uint256) {
        uint256 low = uint192(uint256(Hashes.efficientKeccak256(bytes32(window), bodyHash)));
        return (number << NUMBER) | low;
    }

    function numberOfOvertaking(uint256 word) internal pure returns (uint256) {
        return word >> NUMBER;
    }
}
