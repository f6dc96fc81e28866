// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What disputes left unpaid: for each debtor and token a queue, oldest first (DEB-1).
/// @dev The ends of a queue lie in the reserve's slot (see Reserves). Indices are never reused.
library Debts {
    /// @param slots One slot a debt: `low128(keccak256(creditor)) | amount:u128`. The amount is
    /// readable; who enforces brings the creditor. Zero once it is paid or forgiven.
    struct State {
        mapping(bytes32 debtor => mapping(uint256 token => mapping(uint256 => uint256))) slots;
    }

    /// @param amount What is owed, above zero and below 2^128.
    /// @return What a debt's slot holds.
    function pack(bytes32 creditor, uint256 amount) internal pure returns (uint256) {
        return (_mark(creditor) << 128) | amount;
    }

    function amountOf(uint256 debt) internal pure returns (uint256) {
        return uint128(debt);
    }

    /// @dev Another creditor of the same mark can only be made together with this one, by some
    /// 2^64 hashes, and by somebody who is both: such a one takes its own money.
    function isOwedTo(uint256 debt, bytes32 creditor) internal pure returns (bool) {
        return debt >> 128 == _mark(creditor);
    }

    function _mark(bytes32 creditor) private pure returns (uint256 mark) {
        assembly ("memory-safe") {
            mstore(0, creditor)
            mark := and(keccak256(0, 0x20), 0xffffffffffffffffffffffffffffffff)
        }
    }
}
