// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Draws bodies of all sorts of conditions out of seeds: the same seed, the same body.
library ConditionDraw {
    /// @dev What a transformer does.
    enum Role {
        Honest,
        Beyond,
        Miscounted,
        Bomb,
        Burner,
        Refuser,
        Burglar,
        Glutton,
        Guest,
        Clock,
        Dial,
        Reader,
        Writer,
        Nobody,
        Changing
    }

    /// @param kind As packed; 0 is an empty slot.
    /// @param which Of the kind's subjects; of a transformer in which manner it goes wrong.
    /// @param tokens Bit 0 for the first, bit 1 for the second.
    /// @param taker Of a limit order: 0 left, 1 right.
    /// @param upper The amounts; of a transformer the upper bounds.
    /// @param words Of a transformer: what it is told to answer, within its bounds.
    struct Slot {
        uint8 kind;
        uint64 deadline;
        uint256 which;
        uint8 tokens;
        uint8 taker;
        Role role;
        int128[2] upper;
        int128[2] lower;
        int128[2] words;
    }

    /// @dev What a proof says. Everything but the number follows from the rest.
    /// @param madeAt When it was made.
    struct Terms {
        uint64 number;
        uint64 madeAt;
        uint256 seed;
    }

    struct Row {
        int128 offdelta;
        uint128 leftLimit;
        uint128 rightLimit;
    }

    uint256 internal constant MOST = 2000;
    uint256 private constant ROLES = 15;
    uint256 internal constant SUBJECTS = 5;
    /// @dev Beyond the longest window.
    uint64 private constant BEYOND = 3_000_000;

    function rowOf(Terms memory terms, uint256 token) internal pure returns (Row memory) {
        uint256 word = uint256(keccak256(abi.encode(terms.seed, "row", token)));
        return
            Row(
                int128(int256(word % MOST)) - int128(int256(MOST / 2)),
                uint128((word >> 32) % MOST),
                uint128((word >> 64) % MOST)
            );
    }

    /// @return slots None at all, up to five; the last one is never empty.
    function slotsOf(Terms memory terms) internal pure returns (Slot[] memory slots) {
        slots = new Slot[](terms.number == 0 ? 0 : terms.seed % 6);
        for (uint256 i = 0; i < slots.length; ++i) {
            uint256 word = uint256(keccak256(abi.encode(terms.seed, i)));
            if (i + 1 == slots.length || word >> 252 != 0) _draw(slots[i], word, terms.madeAt);
        }
    }

    function _draw(Slot memory slot, uint256 word, uint64 madeAt) private pure {
        uint256 kind = word % 10;
        slot.kind =
            kind < 2
                ? 1
                : kind == 2
                    ? 2
                    : kind < 5
                        ? 3
                        : 4;
        slot.deadline = _deadline(uint16(word >> 8), madeAt);
        slot.which = (word >> 24) % SUBJECTS;
        slot.tokens = uint8(1 + ((word >> 32) % 3));
        slot.taker = uint8((word >> 40) % 2);
        // More often than others the one that notices what gas it has.
        uint256 role = (word >> 48) % (ROLES + 3);
        slot.role = role < ROLES ? Role(role) : Role.Glutton;
        for (uint256 t = 0; t < 2; ++t) {
            uint256 amounts = uint256(keccak256(abi.encode(word, t)));
            int256 upper = int256(amounts % 1200) - 600;
            int256 lower = upper - int256((amounts >> 32) % 700);
            int256 span = upper - lower + 1;
            slot.upper[t] = int128(upper);
            slot.lower[t] = int128(lower);
            slot.words[t] = int128(lower + (int256((amounts >> 64) % 2 ** 32) % span));
        }
    }

    /// @dev Most within a dispute's time; some long over, some later than any dispute lasts.
    function _deadline(uint256 word, uint64 madeAt) private pure returns (uint64) {
        if (word % 8 == 0) return madeAt - uint64(word);
        if (word % 16 == 1) return type(uint64).max;
        if (word % 16 == 9) return madeAt + BEYOND;
        return madeAt + 2 * uint64(word);
    }
}
