// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Permit, SignedDeposit} from "../../../contracts/type/Deposit.sol";
import {Fixture} from "./Fixture.sol";
import {MultiToken, StrangeToken} from "./Token.sol";

/// @title The fixture, with tokens of all sorts and deposits that owners sign.
abstract contract TokenFixture is Fixture {
    bytes internal constant REENTERED = abi.encodeWithSelector(Errors.Reentered.selector);

    /// @dev No permit.
    Permit internal none;

    function register(address asset) internal returns (uint32) {
        return depository.registerToken(1, asset, 0);
    }

    /// @dev The party holds 1,000 of it in its reserve, this contract 1,000 more.
    function strange() internal returns (StrangeToken asset, uint32 token) {
        asset = new StrangeToken();
        token = register(address(asset));
        asset.mint(address(this), 2000);
        asset.approve(address(depository), type(uint256).max);
        depository.deposit(ids[0], token, 1000);
    }

    /// @dev Two ids of one contract, of both of which this contract holds 1,000.
    function multi() internal returns (MultiToken asset, uint32 first, uint32 second) {
        asset = new MultiToken();
        first = depository.registerToken(2, address(asset), 1);
        second = depository.registerToken(2, address(asset), 2);
        asset.mint(address(this), 1, 1000);
        asset.mint(address(this), 2, 1000);
        asset.setApprovalForAll(address(depository), true);
    }

    function refused(uint32 token, bytes memory answer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(Errors.TokenRefused.selector, token, answer);
    }

    function orderDigest(SignedDeposit memory order) internal view returns (bytes32) {
        return orderDigest(order, depository.domainSeparator());
    }

    function orderDigest(
        SignedDeposit memory order,
        bytes32 domain
    ) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Deposit(bytes32 entity,uint32 token,uint128 amount,uint256 nonce,uint64 deadline)"
        );
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(typehash, order)));
    }

    /// @dev The key's signature under a permit of the first asset for the Depository.
    function permitOf(uint256 key, uint256 value) internal view returns (Permit memory) {
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        address owner = VM.addr(key);
        uint256 nonce = assets[0].nonces(owner);
        bytes32 hash = MessageHashUtils.toTypedDataHash(
            assets[0].DOMAIN_SEPARATOR(),
            keccak256(abi.encode(typehash, owner, depository, value, nonce, FAR))
        );
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, hash);
        return Permit(value, FAR, v, r, s);
    }

    /// @dev ERC-1155 asks whether the receiver takes what is minted to it.
    function onERC1155Received(
        address,
        address,
        uint256,
        uint256,
        bytes calldata
    ) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }
}
