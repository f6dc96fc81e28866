// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../interface/IEntityProvider.sol";

/// @title Names of entities: each has one owner (ENT-6).
library Names {
    uint256 internal constant MAX_LENGTH = 32;

    struct State {
        mapping(bytes32 name => bytes32) owners;
    }

    /// @notice Gives a name that nobody has.
    function claim(State storage self, string calldata name, bytes32 entity) internal {
        bytes32 key = keyOf(name);
        bytes32 owner = self.owners[key];
        if (owner != 0) revert IEntityProvider.NameTaken(name, owner);
        self.owners[key] = entity;
    }

    function transfer(State storage self, string calldata name, bytes32 from, bytes32 to) internal {
        bytes32 key = keyOf(name);
        bytes32 owner = self.owners[key];
        if (owner != from) revert IEntityProvider.NameNotOwned(name, owner);
        self.owners[key] = to;
    }

    /// @return key The name itself, filled up with zeros, of which it has none.
    function keyOf(string calldata name) internal pure returns (bytes32 key) {
        bytes calldata text = bytes(name);
        uint256 length = text.length;
        if (length == 0 || length > MAX_LENGTH) revert IEntityProvider.NameLengthInvalid(length);
        key = bytes32(text);
        unchecked {
            for (uint256 i = 0; i < length; ++i) {
                bool inside = i != 0 && i != length - 1;
                if (!_isAllowed(key[i], inside)) {
                    revert IEntityProvider.NameLetterInvalid(i, key[i]);
                }
            }
        }
    }

    /// @param inside Neither the first letter nor the last.
    function _isAllowed(bytes1 letter, bool inside) private pure returns (bool) {
        if (letter == "-") return inside;
        return (letter >= "a" && letter <= "z") || (letter >= "0" && letter <= "9");
    }
}
