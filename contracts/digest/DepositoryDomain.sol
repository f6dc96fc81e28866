// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The EIP-712 domain of the Depository, for the module that runs in its place.
library DepositoryDomain {
    bytes32 private constant TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME = keccak256("XLN Depository");
    bytes32 private constant VERSION = keccak256("1");

    function separator() internal view returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, NAME, VERSION, block.chainid, address(this)));
    }
}
