// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ActionDigest} from "./digest/ActionDigest.sol";
import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {BoardSignature} from "./library/BoardSignature.sol";
import {ContractSignature} from "./library/ContractSignature.sol";
import {Identity} from "./library/Identity.sol";
import {Names} from "./library/Names.sol";
import {RootSignature} from "./library/RootSignature.sol";
import {Tenures} from "./library/Tenures.sol";

/// @title EntityProvider: numbers, their boards over time, and names (see IEntityProvider).
contract EntityProvider is IEntityProvider {
    using Names for Names.State;
    using Tenures for Tenures.State;

    uint32 private immutable _DELAY;
    uint32 private immutable _GRACE;

    Tenures.State private _tenures;
    Names.State private _names;
    mapping(bytes32 entity => uint64) private _nonces;

    /// @param delay_ Seconds from the proposal of a board until it counts; not below `grace_`.
    /// @param grace_ Seconds for which a replaced board still counts under proofs; at least one.
    constructor(uint32 delay_, uint32 grace_) {
        if (grace_ == 0 || delay_ < grace_) revert TimesInvalid(delay_, grace_);
        (_DELAY, _GRACE) = (delay_, grace_);
    }

    // Boards of numbers

    /// @inheritdoc IEntityProvider
    function registerEntity(bytes32 boardHash) external returns (uint64 number) {
        number = _tenures.give(boardHash);
        emit EntityRegistered(number, boardHash);
    }

    /// @inheritdoc IEntityProvider
    function proposeBoard(uint64 number, bytes32 boardHash, bytes calldata signature) external {
        (, uint256 since) = _tenures.last(number);
        if (since > block.timestamp) revert ProposalPending(number, since);
        bytes32 entity = bytes32(uint256(number));
        _act(entity, ActionDigest.replacement(number, boardHash, _nonces[entity]), signature);
        uint64 activatesAt = uint64(block.timestamp) + _DELAY;
        _tenures.append(number, boardHash, activatesAt);
        emit BoardProposed(number, boardHash, activatesAt);
    }

    /// @inheritdoc IEntityProvider
    function cancelBoard(uint64 number, bytes calldata signature) external {
        (, uint256 since) = _tenures.last(number);
        if (since <= block.timestamp) revert ProposalNotPending(number);
        bytes32 entity = bytes32(uint256(number));
        _act(entity, ActionDigest.cancellation(number, _nonces[entity]), signature);
        emit BoardCancelled(number, _tenures.removeLast(number));
    }

    // Names

    /// @inheritdoc IEntityProvider
    function claimName(bytes32 entity, string calldata name, bytes calldata signature) external {
        _act(entity, ActionDigest.claim(entity, name, _nonces[entity]), signature);
        _names.claim(name, entity);
        emit NameClaimed(entity, name);
    }

    /// @inheritdoc IEntityProvider
    function transferName(
        bytes32 from,
        bytes32 to,
        string calldata name,
        bytes calldata signature
    ) external {
        if (to == 0) revert EntityInvalid(to);
        if (Identity.isNumbered(to)) _tenures.last(uint64(uint256(to)));
        _act(from, ActionDigest.transfer(from, to, name, _nonces[from]), signature);
        _names.transfer(name, from, to);
        emit NameTransferred(from, to, name);
    }

    // Views

    /// @inheritdoc IEntityProvider
    function verify(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (uint256 asked) {
        return _verify(entity, digest, signature);
    }

    /// @inheritdoc IEntityProvider
    function verifyAsOf(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature,
        uint64 asOf
    ) external view returns (bool retired) {
        if (asOf > block.timestamp) revert TimeAhead(asOf, block.timestamp);
        BoardSignature.Run memory run;
        (run.time, run.grace) = (asOf, _GRACE);
        _check(run, entity, digest, signature);
        return run.retired;
    }

    /// @inheritdoc IEntityProvider
    function delay() external view returns (uint32) {
        return _DELAY;
    }

    /// @inheritdoc IEntityProvider
    function grace() external view returns (uint32) {
        return _GRACE;
    }

    /// @inheritdoc IEntityProvider
    function entityCount() external view returns (uint64) {
        return _tenures.count;
    }

    /// @inheritdoc IEntityProvider
    function boardHashOf(uint64 number) external view returns (bytes32) {
        (uint256 index, ) = _tenures.countingAt(number, block.timestamp);
        return _tenures.hashAt(number, index);
    }

    /// @inheritdoc IEntityProvider
    function tenureCountOf(uint64 number) external view returns (uint64) {
        (uint256 index, ) = _tenures.last(number);
        return uint64(index + 1);
    }

    /// @inheritdoc IEntityProvider
    function tenureOf(
        uint64 number,
        uint64 index
    ) external view returns (bytes32 boardHash, uint64 since) {
        (uint256 last, ) = _tenures.last(number);
        if (index > last) revert TenureNotGiven(number, index);
        return (_tenures.hashAt(number, index), _tenures.tenures[number][index].since);
    }

    /// @inheritdoc IEntityProvider
    function nonceOf(bytes32 entity) external view returns (uint64) {
        return _nonces[entity];
    }

    /// @inheritdoc IEntityProvider
    function ownerOf(string calldata name) external view returns (bytes32) {
        return _names.owners[Names.keyOf(name)];
    }

    /// @inheritdoc IEntityProvider
    function domainSeparator() external view returns (bytes32) {
        return ActionDigest.domain();
    }

    /// @dev An action is neither a proof nor a certificate: contracts may sign it.
    function _act(bytes32 entity, bytes32 structHash, bytes calldata signature) private {
        _verify(entity, ActionDigest.digest(structHash), signature);
        ++_nonces[entity];
    }

    function _verify(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (uint256 asked) {
        BoardSignature.Run memory run;
        (run.time, run.contracts) = (block.timestamp, true);
        _check(run, entity, digest, signature);
        return run.asked;
    }

    function _check(
        BoardSignature.Run memory run,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        if (entity == 0) revert EntityInvalid(entity);
        bytes32 leaf = RootSignature.leaf(entity, digest);
        if (!Identity.isAddress(entity)) {
            BoardSignature.check(_tenures, run, entity, leaf, signature);
            return;
        }
        address signer = Identity.toAddress(entity);
        if (RootSignature.recover(entity, digest, signature) == signer) return;
        bytes32 signed = RootSignature.signingHash(leaf);
        if (!run.contracts || !ContractSignature.isValid(signer, signed, signature)) {
            revert KeySignatureInvalid(entity, digest);
        }
        run.asked = 1;
    }
}
