// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What disputes left unpaid: for each debtor and token a queue, oldest first (DEB-1).
/// @dev The ends of a queue lie in the reserve's slot (see Reserves).
library Debts {
    /// @param slots One slot a debt: `low128(keccak256(creditor)) | amount:u128`. The amount is
    /// readable; who enforces brings the creditor.
    struct State {
        mapping(bytes32 debtor => mapping(uint256 token => mapping(uint256 => uint256))) slots;
    }
}
