// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Permit} from "../type/Deposit.sol";
import {Withdrawal, Withdrawals} from "../type/Operation.sol";
import {BatchRun} from "./BatchRun.sol";
import {Book} from "./Book.sol";
import {Reason} from "./Reason.sol";
import {Reserves} from "./Reserves.sol";
import {Tokens} from "./Tokens.sol";

/// @title Tokens on their way into the Depository and out of it (DEP-1).
/// @dev A token is a stranger's code. Of what it answers one word is looked at, and a refusal is
/// quoted, never passed on as an error of ours. It runs while the guard is held, after all that
/// leaves has been written off and before any of what comes is written down: whatever it reads
/// here meanwhile, the Depository shows no more than it has.
library Assets {
    using Reserves for Reserves.State;
    using Tokens for Tokens.State;

    /// @dev Three times what an honest permit takes; one that burns all of it leaves the rest.
    uint256 private constant PERMIT_GAS = 200_000;
    uint256 private constant MAX_QUOTE = 128;

    struct Asset {
        uint32 token;
        uint8 kind;
        address target;
        uint256 id;
    }

    /// @notice Pulls from the owner, and credits the balance change that really happened.
    /// @dev The guard is held, so no balance change in between can be another deposit.
    /// @return credited Below 2^127, never zero.
    function deposit(
        Book.State storage book,
        bytes32 entity,
        uint32 token,
        uint128 amount,
        address owner
    ) internal returns (uint128 credited) {
        BatchRun.requireAmount(amount);
        Asset memory asset = _find(book.tokens, token);
        uint256 before = _held(asset);
        _move(asset, owner, address(this), amount);
        uint256 held = _held(asset);
        uint256 gain = held > before ? held - before : 0;
        BatchRun.requireAmount(gain);

        book.tokens.give(token, gain, held);
        book.reserves.credit(entity, token, gain);
        credited = uint128(gain);
        emit IDepositoryEvents.Deposited(entity, owner, (uint256(token) << 128) | gain);
    }

    /// @notice Takes a group of withdrawals out of an entity's reserve and sends them.
    /// @dev What leaves is compared with what was asked, not with the total: a token that lost
    /// some of its balance by itself must not lock in the rest.
    function withdraw(
        Book.State storage book,
        Withdrawals calldata group,
        bytes32 entity
    ) internal {
        Withdrawal[] calldata items = group.items;
        uint32 token = group.token;
        uint256 sum = _announce(items, token, entity);
        if (sum == 0) return;
        book.reserves.debit(entity, token, sum);
        // It was in a reserve, so it fits.
        book.tokens.take(token, uint128(sum));

        Asset memory asset = _find(book.tokens, token);
        uint256 before = _held(asset);
        for (uint256 i = 0; i < items.length; ++i) {
            _move(asset, address(this), items[i].to, items[i].amount);
        }
        uint256 held = _held(asset);
        uint256 taken = before > held ? before - held : 0;
        if (taken > sum) revert IDepositoryErrors.TokenTookTooMuch(token, sum, taken);
    }

    /// @notice Lets an ERC-20 set the Depository's allowance.
    /// @dev Anyone may have used the permit first, so its failure says nothing.
    function allow(
        Tokens.State storage tokens,
        uint32 token,
        address owner,
        Permit calldata permit
    ) internal {
        Tokens.Token storage row = tokens.tokens[token];
        if (permit.v == 0 || row.kind != Tokens.ERC20) return;
        address target = row.asset;
        bytes memory data = abi.encodeCall(
            IERC20Permit.permit,
            (owner, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s)
        );
        assembly ("memory-safe") {
            pop(call(PERMIT_GAS, target, 0, add(data, 0x20), mload(data), 0, 0))
        }
    }

    /// @return sum What the group takes in all; amounts are below 2^127, so it cannot overflow.
    function _announce(
        Withdrawal[] calldata items,
        uint32 token,
        bytes32 entity
    ) private returns (uint256 sum) {
        for (uint256 i = 0; i < items.length; ++i) {
            address to = items[i].to;
            uint256 amount = items[i].amount;
            BatchRun.requireAmount(amount);
            if (to == address(this)) revert IDepositoryErrors.ReceiverInvalid(to);
            sum += amount;
            emit IDepositoryEvents.Withdrawn(entity, to, (uint256(token) << 128) | amount);
        }
    }

    function _find(
        Tokens.State storage tokens,
        uint32 token
    ) private view returns (Asset memory asset) {
        Tokens.Token storage row = tokens.tokens[token];
        (asset.token, asset.target, asset.kind) = (token, row.asset, row.kind);
        if (asset.kind == 0) revert IDepositoryErrors.TokenUnknown(token);
        if (asset.kind == Tokens.ERC1155) asset.id = row.assetId;
    }

    function _held(Asset memory asset) private view returns (uint256 holding) {
        bytes memory data =
            asset.kind == Tokens.ERC1155
                ? abi.encodeCall(IERC1155.balanceOf, (address(this), asset.id))
                : abi.encodeCall(IERC20.balanceOf, (address(this)));
        address target = asset.target;
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(gas(), target, add(data, 0x20), mload(data), 0, 0x20)
            answered := and(answered, gt(returndatasize(), 0x1f))
            holding := mload(0)
        }
        if (!answered) _refuse(asset.token);
    }

    /// @dev No answer is as good as true: the balance was asked before, so there is code.
    function _move(Asset memory asset, address from, address to, uint256 amount) private {
        bytes memory data;
        if (asset.kind == Tokens.ERC1155) {
            data = abi.encodeCall(IERC1155.safeTransferFrom, (from, to, asset.id, amount, ""));
        } else if (from == address(this)) {
            data = abi.encodeCall(IERC20.transfer, (to, amount));
        } else {
            data = abi.encodeCall(IERC20.transferFrom, (from, to, amount));
        }
        address target = asset.target;
        bool done;
        assembly ("memory-safe") {
            done := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0x20)
            if returndatasize() {
                done := and(done, and(gt(returndatasize(), 0x1f), eq(mload(0), 1)))
            }
        }
        if (!done) _refuse(asset.token);
    }

    function _refuse(uint32 token) private pure {
        revert IDepositoryErrors.TokenRefused(token, Reason.answer(MAX_QUOTE));
    }
}
