// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book} from "./library/Book.sol";

/// @title What the Depository stores, laid out once for it and for the module that it runs.
abstract contract DepositoryStorage {
    Book.State internal _book;
    /// @dev How many batches of the entity have landed: a whole word, in which counting is cheaper.
    mapping(bytes32 entity => uint256) internal _nonces;
    mapping(address owner => mapping(uint256 word => uint256)) internal _depositNonces;
}
