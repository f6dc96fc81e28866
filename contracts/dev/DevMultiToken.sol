// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// @title Many tokens in one contract, for local chains and tests: anyone may mint any of them.
/// @dev Warning: worth nothing, by design. It is no part of a deployment.
contract DevMultiToken is ERC1155 {
    constructor(string memory uri) ERC1155(uri) {}

    /// @notice Makes tokens out of nothing.
    /// @param id Which of the contract's tokens.
    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount, "");
    }
}
