// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Refusal} from "./Refusal.sol";

/// @title Every call that is accepted fits 15 M gas, whatever it finds (DEP-8).
/// @dev A weight is what an item costs at worst, calldata included: all of its slots new, ids and
/// amounts without zero bytes. Tests compare each with the worst case that they can build.
library Budget {
    uint256 internal constant MAX_GAS = 15_000_000;

    uint256 internal constant MAX_BATCHES = 256;
    uint256 internal constant MAX_GROUPS = 32;
    uint256 internal constant MAX_TRANSFERS = 480;
    uint256 internal constant MAX_RELEASES = 240;
    uint256 internal constant MAX_SETTLEMENT_LISTS = 8;
    uint256 internal constant MAX_SETTLEMENTS = 240;
    uint256 internal constant MAX_DIFFS = 240;
    uint256 internal constant MAX_ENTITIES = 256;
    uint256 internal constant MAX_TOKENS = 32;
    uint256 internal constant MAX_FUNDINGS = 400;
    uint256 internal constant MAX_WITHDRAWALS = 100;
    uint256 internal constant MAX_SIGNATURES_LENGTH = 240_000;
    uint256 internal constant MAX_ENFORCEMENTS = 2;
    /// @dev Of every list of an enforcement, in items or bytes: the weights allow fewer, this one
    /// is there so that no position overflows.
    uint256 internal constant MAX_ENFORCEMENT_LENGTH = 240_000;
    uint256 internal constant MAX_SWEEPS = 100;
    uint256 internal constant MAX_CREDITORS = 400;

    uint256 internal constant CALL = 120_000;
    uint256 internal constant GROUP = 32_000;
    uint256 internal constant TRANSFER = 30_000;
    uint256 internal constant RELEASE = 76_000;
    uint256 internal constant SETTLEMENT = 66_000;
    uint256 internal constant DIFF = 34_000;
    uint256 internal constant ENTITY = 1_000;
    uint256 internal constant CELL = 100;
    uint256 internal constant NET = 28_000;
    uint256 internal constant FUNDING = 34_000;
    uint256 internal constant WITHDRAWAL = 120_000;
    uint256 internal constant SIGNATURE_BYTE = 60;
    /// @dev Of each contract that said yes: who is one shows only when it is asked (ENT-3).
    uint256 internal constant CONTRACT = 160_000;
    uint256 internal constant SIGNER = 10_000;
    uint256 internal constant START = 70_000;
    uint256 internal constant COUNTER = 90_000;
    uint256 internal constant PREIMAGE = 30_000;
    uint256 internal constant FILL = 34_000;
    uint256 internal constant FINALISATION = 40_000;
    uint256 internal constant FORGIVENESS = 20_000;
    uint256 internal constant CLOSED_TOKEN = 110_000;
    uint256 internal constant CONDITION_BYTE = 80;
    uint256 internal constant SWEEP = 20_000;
    uint256 internal constant CREDITOR = 40_000;

    /// @return What one list of settlements may cost.
    function ofSettlements(
        uint256 entities,
        uint256 tokens,
        uint256 settlements,
        uint256 diffs,
        uint256 signatureBytes
    ) internal pure returns (uint256) {
        unchecked {
            // A diff touches two nets; there are no more nets than cells.
            uint256 cells = entities * tokens;
            uint256 nets = cells < 2 * diffs ? cells : 2 * diffs;
            return
                entities * ENTITY +
                cells * CELL +
                nets * NET +
                settlements * SETTLEMENT +
                diffs * DIFF +
                signatureBytes * SIGNATURE_BYTE;
        }
    }

    function requireSweepsFit(uint256 sweeps, uint256 creditors) internal pure {
        if (sweeps > MAX_SWEEPS) Refusal.listTooLong(sweeps, MAX_SWEEPS);
        if (creditors > MAX_CREDITORS) Refusal.listTooLong(creditors, MAX_CREDITORS);
        requireFits(sweeps * SWEEP + creditors * CREDITOR, 0);
    }

    /// @param weight Of everything in the call but its own signature; far below 2^256, since
    /// lengths are limited.
    /// @param signatureBytes The length of that signature.
    function requireFits(uint256 weight, uint256 signatureBytes) internal pure {
        if (signatureBytes > MAX_SIGNATURES_LENGTH) {
            Refusal.listTooLong(signatureBytes, MAX_SIGNATURES_LENGTH);
        }
        unchecked {
            weight += CALL + signatureBytes * SIGNATURE_BYTE;
        }
        if (weight > MAX_GAS) revert IDepositoryErrors.BudgetExceeded(weight, MAX_GAS);
    }
}
