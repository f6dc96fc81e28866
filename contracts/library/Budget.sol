// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {CollateralToReserve, Operations, Settlements} from "../type/Operation.sol";

/// @title Every call that is accepted fits 15 M gas, whatever it finds (DEP-8).
/// @dev A weight is what an item costs at worst, calldata included: all of its slots new, ids and
/// amounts without zero bytes. A test measures each against the worst case that it can build.
library Budget {
    uint256 internal constant MAX_GAS = 15_000_000;

    uint256 internal constant MAX_GROUPS = 32;
    uint256 internal constant MAX_TRANSFERS = 480;
    uint256 internal constant MAX_RELEASES = 240;
    uint256 internal constant MAX_SETTLEMENTS = 240;
    uint256 internal constant MAX_DIFFS = 240;
    uint256 internal constant MAX_ENTITIES = 256;
    uint256 internal constant MAX_TOKENS = 32;
    uint256 internal constant MAX_FUNDINGS = 400;
    uint256 internal constant MAX_WITHDRAWALS = 100;

    uint256 internal constant CALL = 120_000;
    uint256 internal constant GROUP = 32_000;
    uint256 internal constant TRANSFER = 30_000;
    uint256 internal constant RELEASE = 60_000;
    uint256 internal constant SETTLEMENT = 34_000;
    uint256 internal constant DIFF = 34_000;
    uint256 internal constant ENTITY = 1_000;
    uint256 internal constant NET = 28_000;
    uint256 internal constant FUNDING = 34_000;
    uint256 internal constant WITHDRAWAL = 120_000;
    uint256 internal constant SIGNATURE = 16_000;
    uint256 internal constant SIGNATURE_BYTE = 60;

    function requireBatch(Operations calldata operations, uint256 signatureLength) internal pure {
        uint256 weight = CALL + SIGNATURE + SIGNATURE_BYTE * signatureLength;
        weight += _ofReserves(operations) + _ofReleases(operations);
        weight += _ofSettlements(operations.settlements);
        weight += _ofFundings(operations) + _ofWithdrawals(operations);
        _requireFits(weight);
    }

    function requireSettlements(Settlements calldata list) internal pure {
        _requireFits(CALL + _ofSettlements(list));
    }

    function _ofReserves(Operations calldata operations) private pure returns (uint256 weight) {
        uint256 groups = _limit(operations.reserveToReserve.length, MAX_GROUPS);
        uint256 items = 0;
        for (uint256 i = 0; i < groups; ++i) {
            items += operations.reserveToReserve[i].transfers.length;
        }
        return groups * GROUP + _limit(items, MAX_TRANSFERS) * TRANSFER;
    }

    function _ofReleases(Operations calldata operations) private pure returns (uint256 weight) {
        uint256 groups = _limit(operations.collateralToReserve.length, MAX_GROUPS);
        uint256 items = 0;
        for (uint256 i = 0; i < groups; ++i) {
            CollateralToReserve calldata group = operations.collateralToReserve[i];
            items += group.releases.length;
            weight += group.signatures.length * SIGNATURE_BYTE;
        }
        weight += groups * GROUP + _limit(items, MAX_RELEASES) * (RELEASE + SIGNATURE);
    }

    function _ofSettlements(Settlements calldata list) private pure returns (uint256 weight) {
        uint256 entities = _limit(list.entities.length, MAX_ENTITIES);
        uint256 tokens = _limit(list.tokens.length, MAX_TOKENS);
        uint256 heads = _limit(list.heads.length, MAX_SETTLEMENTS);
        uint256 diffs = _limit(list.diffs.length, MAX_DIFFS);
        // Each diff touches two nets, and no more nets than there are cells can be written.
        uint256 nets = entities * tokens < 2 * diffs ? entities * tokens : 2 * diffs;
        weight = entities * tokens * 100 + entities * ENTITY + nets * NET;
        weight += heads * (SETTLEMENT + 2 * SIGNATURE) + diffs * DIFF;
        weight += list.signatures.length * SIGNATURE_BYTE;
    }

    function _ofFundings(Operations calldata operations) private pure returns (uint256 weight) {
        uint256 groups = _limit(operations.reserveToCollateral.length, MAX_GROUPS);
        uint256 items = 0;
        for (uint256 i = 0; i < groups; ++i) {
            items += operations.reserveToCollateral[i].fundings.length;
        }
        return groups * GROUP + _limit(items, MAX_FUNDINGS) * FUNDING;
    }

    function _ofWithdrawals(Operations calldata operations) private pure returns (uint256 weight) {
        uint256 groups = _limit(operations.withdrawals.length, MAX_GROUPS);
        uint256 items = 0;
        for (uint256 i = 0; i < groups; ++i) {
            items += operations.withdrawals[i].items.length;
        }
        return groups * GROUP + _limit(items, MAX_WITHDRAWALS) * WITHDRAWAL;
    }

    function _limit(uint256 length, uint256 maximum) private pure returns (uint256) {
        if (length > maximum) revert IDepositoryErrors.ListTooLong(length, maximum);
        return length;
    }

    function _requireFits(uint256 weight) private pure {
        if (weight > MAX_GAS) revert IDepositoryErrors.BudgetExceeded(weight, MAX_GAS);
    }
}
