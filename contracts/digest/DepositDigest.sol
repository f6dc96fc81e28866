// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedDeposit} from "../type/Deposit.sol";

/// @title The struct hash of a deposit that its owner signs.
library DepositDigest {
    bytes32 internal constant TYPEHASH = keccak256(
        "Deposit(bytes32 entity,uint32 token,uint128 amount,uint256 nonce,uint64 deadline)"
    );

    function structHash(SignedDeposit calldata order) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    TYPEHASH,
                    order.entity,
                    order.token,
                    order.amount,
                    order.nonce,
                    order.deadline
                )
            );
    }
}
