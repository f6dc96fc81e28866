// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Book} from "./Book.sol";
import {Calldata} from "./Calldata.sol";
import {DebtRun} from "./DebtRun.sol";
import {Dispute} from "./Dispute.sol";
import {DisputeRun} from "./DisputeRun.sol";
import {Evidence} from "./Evidence.sol";
import {FillRun} from "./FillRun.sol";
import {Finalisation} from "./Finalisation.sol";
import {Pool} from "./Pool.sol";

/// @title Carries out one enforcement: starts, counters, reveals, fills, finalisations,
/// forgivenesses, in this order.
/// @dev Heads are read where the layout's walk has found them; a list ends where the next begins.
library EnforcementRun {
    using Calldata for uint256;
    using Dispute for uint256;
    using DisputeRun for Book.State;
    using FillRun for Book.State;
    using Finalisation for Book.State;
    using Evidence for Evidence.State;
    using Pool for Pool.State;

    /// @param pool As the walk over the enforcement has left it. The next list begins behind its
    /// length, a word.
    /// @return given What transformers were given, in gas.
    function run(
        Book.State storage book,
        Pool.State memory pool,
        Book.Scope memory scope,
        uint256 bounds
    ) internal returns (uint256 given) {
        unchecked {
            uint256 end = pool.counters - 32;
            while (pool.starts < end) book.start(pool, scope, bounds);
            end = pool.preimages - 32;
            while (pool.counters < end) book.counterNext(pool, scope);
            end = pool.fills - 32;
            while (pool.preimages < end) book.evidence.reveal(pool.takePreimage());
            end = pool.finalisations - 32;
            while (pool.fills < end) book.fill(pool, scope.carrier);
            end = pool.forgivenesses - 32;
            uint256 longest = bounds.longest();
            while (pool.finalisations < end) {
                given += book.finaliseNext(pool, scope.carrier, longest);
            }
            // Where the rows begin is no longer known: bodies have taken of them.
            uint256 count = (pool.forgivenesses - 32).word();
            for (; count != 0; --count) {
                if (scope.carrier == 0) revert IDepositoryErrors.CarrierNeeded();
                DebtRun.forgive(book, pool.takeForgiveness(), scope.carrier);
            }
        }
        pool.requireUsedUp();
    }
}
