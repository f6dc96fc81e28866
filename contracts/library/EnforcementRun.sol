// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Enforcement, Forgiveness} from "../type/Enforcement.sol";
import {Book} from "./Book.sol";
import {DebtRun} from "./DebtRun.sol";

/// @title Carries out one enforcement: starts, counters, reveals, fills, finalisations,
/// forgivenesses, in this order.
library EnforcementRun {
    /// @param shortest The shortest window of a dispute, in seconds.
    /// @param longest The longest.
    struct Windows {
        uint256 shortest;
        uint256 longest;
    }

    /// @return weight What transformers were given, in gas.
    function run(
        Book.State storage book,
        Enforcement calldata enforcement,
        Book.Scope memory scope,
        Windows memory
    ) internal returns (uint256 weight) {
        weight = 0;
        if (enforcement.starts.length + enforcement.counters.length != 0) {
            revert IDepositoryErrors.EnforcementMalformed(0);
        }
        bytes32[] calldata preimages = enforcement.preimages;
        for (uint256 i = 0; i < preimages.length; ++i) _reveal(book, preimages[i]);
        Forgiveness[] calldata forgivenesses = enforcement.forgivenesses;
        if (forgivenesses.length != 0 && scope.carrier == 0) {
            revert IDepositoryErrors.CarrierNeeded();
        }
        for (uint256 i = 0; i < forgivenesses.length; ++i) {
            DebtRun.forgive(book, forgivenesses[i], scope.carrier);
        }
    }

    /// @dev The first time counts: what was known in time stays so.
    function _reveal(Book.State storage book, bytes32 preimage) private {
        bytes32 hash = keccak256(abi.encode(preimage));
        if (book.evidence.revealedAt[hash] != 0) return;
        book.evidence.revealedAt[hash] = uint64(block.timestamp);
        emit IDepositoryEvents.HashRevealed(hash, preimage);
    }
}
