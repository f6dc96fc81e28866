// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The EIP-712 domain of the Depository, for itself and for the module that runs in its
/// place. It is computed each time: that costs no more than to look whether a stored one holds.
library DepositoryDomain {
    bytes32 private constant TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME = keccak256("XLN Depository");
    bytes32 private constant VERSION = keccak256("1");

    function separator() internal view returns (bytes32 result) {
        (bytes32 typehash, bytes32 name, bytes32 version) = (TYPEHASH, NAME, VERSION);
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, typehash)
            mstore(add(pointer, 0x20), name)
            mstore(add(pointer, 0x40), version)
            mstore(add(pointer, 0x60), chainid())
            mstore(add(pointer, 0x80), address())
            result := keccak256(pointer, 0xa0)
        }
    }
}
