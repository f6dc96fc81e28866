// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {ITransformer} from "../../../contracts/interface/ITransformer.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionDraw} from "./ConditionDraw.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {Bomb, Burner, Echo, Writer} from "./Transformers.sol";

/// @title A transformer for each role, how it is asked, and what it should answer.
abstract contract TransformerCast is ConditionFixture {
    /// @dev What lies at the address of the role that changes.
    enum Costume {
        Echo,
        None,
        Refuser,
        Gone
    }

    uint32 private constant BOMB_GAS = 450_000;
    /// @dev By how much a gauge may answer beyond its bounds, either way.
    int256 private constant SLACK = 60;

    mapping(ConditionDraw.Role => address) internal cast;
    Costume internal costume;
    Knob internal knob;

    function castTransformers() internal {
        knob = new Knob();
        address echo = address(new Echo());
        cast[ConditionDraw.Role.Honest] = echo;
        cast[ConditionDraw.Role.Beyond] = echo;
        cast[ConditionDraw.Role.Miscounted] = echo;
        cast[ConditionDraw.Role.Bomb] = address(new Bomb());
        cast[ConditionDraw.Role.Burner] = address(new Burner());
        cast[ConditionDraw.Role.Refuser] = address(new Refuser());
        cast[ConditionDraw.Role.Burglar] = address(new Burglar(depository));
        cast[ConditionDraw.Role.Glutton] = address(new Glutton());
        cast[ConditionDraw.Role.Guest] = address(new Guest(address(depository)));
        cast[ConditionDraw.Role.Clock] = address(new Clock());
        cast[ConditionDraw.Role.Dial] = address(new Dial(knob));
        cast[ConditionDraw.Role.Reader] = address(new Reader(depository));
        cast[ConditionDraw.Role.Writer] = address(new Writer());
        cast[ConditionDraw.Role.Nobody] = address(0xdead);
        cast[ConditionDraw.Role.Changing] = address(0xc0de);
        dressAs(Costume.Echo);
    }

    /// @dev What a transformer was when both sides signed it need not be what it is in the end.
    function dressAs(Costume next) internal {
        bytes memory code;
        if (next == Costume.Echo) code = cast[ConditionDraw.Role.Honest].code;
        if (next == Costume.Refuser) code = cast[ConditionDraw.Role.Refuser].code;
        // CALLER SELFDESTRUCT: what a static call forbids.
        if (next == Costume.Gone) code = hex"33ff";
        VM.etch(cast[ConditionDraw.Role.Changing], code);
        costume = next;
    }

    function givenTo(ConditionDraw.Role role) internal pure returns (uint32) {
        if (role == ConditionDraw.Role.Bomb) return BOMB_GAS;
        if (role == ConditionDraw.Role.Glutton) return 900_000;
        if (role == ConditionDraw.Role.Burglar) return 300_000;
        return 60_000;
    }

    /// @param reserve What left has in token 1.
    /// @return answered Whether the transformer moves anything.
    /// @return changes Of both tokens; only those of the slot mean anything.
    function answerOf(
        ConditionDraw.Slot memory slot,
        uint256 reserve
    ) internal view returns (bool answered, int256[2] memory changes) {
        ConditionDraw.Role role = slot.role;
        (changes[0], changes[1]) = (slot.words[0], slot.words[1]);
        if (role == ConditionDraw.Role.Changing) return (costume == Costume.Echo, changes);
        if (!isGauge(role)) return (isHonest(role), changes);
        uint256 reading =
            role == ConditionDraw.Role.Clock
                ? block.timestamp
                : role == ConditionDraw.Role.Dial
                    ? knob.turns()
                    : reserve;
        answered = true;
        for (uint256 t = 0; t < 2; ++t) {
            (int256 base, uint256 span) = _gaugeOf(slot, t);
            changes[t] = base + int256(reading % span);
            bool within = changes[t] >= slot.lower[t] && changes[t] <= slot.upper[t];
            if (slot.tokens & (1 << t) != 0 && !within) answered = false;
        }
    }

    /// @return Whether it always answers with the words that it was told.
    function isHonest(ConditionDraw.Role role) internal pure returns (bool) {
        return
            role == ConditionDraw.Role.Honest ||
            role == ConditionDraw.Role.Burglar ||
            role == ConditionDraw.Role.Glutton ||
            role == ConditionDraw.Role.Guest;
    }

    /// @return Whether a role's transformer answered, called as the Depository does.
    /// @return What it said.
    function rehearse(
        ConditionDraw.Role role,
        bytes calldata payload
    ) external view returns (bool, bytes memory) {
        bytes memory data = abi.encodeCall(ITransformer.transform, (payload));
        return cast[role].staticcall{gas: givenTo(role)}(data);
    }

    /// @return Whether it ever answers within its bounds.
    function mayAnswer(ConditionDraw.Role role) external pure returns (bool) {
        return isHonest(role) || isGauge(role) || role == ConditionDraw.Role.Changing;
    }

    function isGauge(ConditionDraw.Role role) internal pure returns (bool) {
        return
            role == ConditionDraw.Role.Clock ||
            role == ConditionDraw.Role.Dial ||
            role == ConditionDraw.Role.Reader;
    }

    function payloadOf(
        ConditionDraw.Slot memory slot,
        bytes32 left
    ) internal pure returns (bytes memory payload) {
        if (isGauge(slot.role)) {
            payload = abi.encode(left);
            for (uint256 t = 0; t < 2; ++t) {
                (int256 base, uint256 span) = _gaugeOf(slot, t);
                if (slot.tokens & (1 << t) != 0) payload = abi.encodePacked(payload, base, span);
            }
            return payload;
        }
        if (slot.role == ConditionDraw.Role.Glutton) payload = abi.encode(givenTo(slot.role));
        for (uint256 t = 0; t < 2; ++t) {
            if (slot.tokens & (1 << t) == 0) continue;
            int256 word = slot.words[t];
            if (slot.role == ConditionDraw.Role.Beyond) word = _beyond(slot, t);
            payload = abi.encodePacked(payload, word);
        }
        if (slot.role == ConditionDraw.Role.Miscounted) return _miscount(payload, slot.which);
    }

    /// @dev The last of the slot's words is out of its bounds.
    function _beyond(ConditionDraw.Slot memory slot, uint256 t) private pure returns (int256) {
        if (t == 0 && slot.tokens == 3) return slot.words[t];
        uint256 manner = slot.which % 4;
        if (manner == 0) return int256(slot.upper[t]) + 1;
        if (manner == 1) return int256(slot.lower[t]) - 1;
        if (manner == 2) return type(int256).min;
        // What would be within, if nobody looked at the high half.
        return int256((uint256(1) << 128) | uint128(slot.words[t]));
    }

    function _miscount(bytes memory payload, uint256 manner) private pure returns (bytes memory) {
        if (manner % 4 == 0) return bytes.concat(payload, bytes32(0));
        if (manner % 4 == 1) return bytes.concat(payload, bytes1(0));
        uint256 less = manner % 4 == 2 ? 1 : 32;
        assembly ("memory-safe") {
            mstore(payload, sub(mload(payload), less))
        }
        return payload;
    }

    function _gaugeOf(
        ConditionDraw.Slot memory slot,
        uint256 t
    ) private pure returns (int256 base, uint256 span) {
        base = int256(slot.lower[t]) - SLACK;
        span = uint256(int256(slot.upper[t]) + SLACK - base + 1);
    }
}

/// @dev Says what it says as it is, with no length before it.
abstract contract Speaker {
    function transform(bytes calldata payload) external {
        bytes memory words = _answer(payload);
        assembly ("memory-safe") {
            return(add(words, 0x20), mload(words))
        }
    }

    function _answer(bytes memory payload) internal virtual returns (bytes memory words);
}

/// @dev Reverts with the words that would be its answer.
contract Refuser {
    function transform(bytes calldata payload) external pure {
        bytes memory words = payload;
        assembly ("memory-safe") {
            revert(add(words, 0x20), mload(words))
        }
    }
}

/// @dev Answers with the words that it is given, each one more if it got into the Depository.
contract Burglar is Speaker {
    IDepository private immutable _DEPOSITORY;

    constructor(IDepository depository) {
        _DEPOSITORY = depository;
    }

    function _answer(bytes memory words) internal override returns (bytes memory) {
        Enforcement memory empty;
        bytes memory data = abi.encodeCall(IDepository.enforce, (empty));
        (bool called, ) = address(_DEPOSITORY).call{gas: 60_000}(data);
        (bool asked, ) = address(_DEPOSITORY).staticcall{gas: 60_000}(data);
        if (!called && !asked) return words;
        for (uint256 place = 32; place <= words.length; place += 32) {
            assembly ("memory-safe") {
                let word := add(words, place)
                mstore(word, add(mload(word), 1))
            }
        }
        return words;
    }
}

/// @dev Answers with all words but the first, which says how much gas it should have had; if it had
/// more or less, with none.
contract Glutton is Speaker {
    function _answer(bytes memory words) internal view override returns (bytes memory) {
        uint256 had = gasleft();
        uint256 given = abi.decode(words, (uint256));
        if (had > given || had + 2_000 < given) return "";
        assembly ("memory-safe") {
            mstore(add(words, 0x20), sub(mload(words), 0x20))
            words := add(words, 0x20)
        }
        return words;
    }
}

/// @dev Answers to one caller only.
contract Guest is Speaker {
    address private immutable _HOST;

    constructor(address host) {
        _HOST = host;
    }

    function _answer(bytes memory words) internal view override returns (bytes memory) {
        return msg.sender == _HOST ? words : bytes("");
    }
}

/// @dev Its payload is a subject, then for each token the least that it answers and how many
/// answers there are; which one it gives, it reads from the chain.
abstract contract Gauge is Speaker {
    function _answer(bytes memory words) internal view override returns (bytes memory) {
        uint256 reading = _reading(abi.decode(words, (bytes32)));
        uint256 count = (words.length - 32) / 64;
        assembly ("memory-safe") {
            let from := add(words, 0x40)
            for {
                let i := 0
            } lt(i, count) {
                i := add(i, 1)
            } {
                let pair := add(from, mul(i, 0x40))
                let answer := add(mload(pair), mod(reading, mload(add(pair, 0x20))))
                mstore(add(words, mul(add(i, 1), 0x20)), answer)
            }
            mstore(words, mul(count, 0x20))
        }
        return words;
    }

    function _reading(bytes32 subject) internal view virtual returns (uint256);
}

contract Clock is Gauge {
    function _reading(bytes32) internal view override returns (uint256) {
        return block.timestamp;
    }
}

contract Knob {
    uint256 public turns;

    function turn(uint256 by) external {
        unchecked {
            turns += by;
        }
    }
}

/// @dev Shows what anybody may turn at any time.
contract Dial is Gauge {
    Knob private immutable _KNOB;

    constructor(Knob turned) {
        _KNOB = turned;
    }

    function _reading(bytes32) internal view override returns (uint256) {
        return _KNOB.turns();
    }
}

/// @dev Reads the Depository while it is closing the account: the reserve of the payload's subject.
contract Reader is Gauge {
    IDepository private immutable _DEPOSITORY;

    constructor(IDepository depository) {
        _DEPOSITORY = depository;
    }

    function _reading(bytes32 subject) internal view override returns (uint256) {
        return _DEPOSITORY.reserveOf(subject, 1);
    }
}
