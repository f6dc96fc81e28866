// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Enforcement} from "../type/Enforcement.sol";
import {Book} from "./Book.sol";
import {DebtRun} from "./DebtRun.sol";
import {DisputeRun} from "./DisputeRun.sol";
import {Evidence} from "./Evidence.sol";
import {FillRun} from "./FillRun.sol";
import {Finalisation} from "./Finalisation.sol";
import {Pool} from "./Pool.sol";

/// @title Carries out one enforcement: starts, counters, reveals, fills, finalisations,
/// forgivenesses, in this order.
library EnforcementRun {
    using DisputeRun for Book.State;
    using Evidence for Evidence.State;
    using Pool for Pool.State;

    /// @return weight What transformers were given, in gas.
    function run(
        Book.State storage book,
        Enforcement calldata enforcement,
        Book.Scope memory scope,
        DisputeRun.Bounds memory bounds
    ) internal returns (uint256 weight) {
        Pool.State memory pool = Pool.locate(enforcement);
        unchecked {
            uint256 count = enforcement.starts.length;
            for (uint256 i = 0; i < count; ++i) {
                book.start(enforcement.starts[i], i, pool, scope, bounds);
            }
            count = enforcement.counters.length;
            for (uint256 i = 0; i < count; ++i) {
                book.counter(enforcement.counters[i], i, pool, scope);
            }
            count = enforcement.preimages.length;
            for (uint256 i = 0; i < count; ++i) {
                book.evidence.reveal(enforcement.preimages[i]);
            }
            count = enforcement.fills.length;
            for (uint256 i = 0; i < count; ++i) {
                FillRun.fill(book, enforcement.fills[i], i, scope);
            }
            count = enforcement.finalisations.length;
            for (uint256 i = 0; i < count; ++i) {
                weight += Finalisation.finalise(
                    book,
                    enforcement.finalisations[i],
                    pool,
                    scope.carrier,
                    bounds.longest
                );
            }
            count = enforcement.forgivenesses.length;
            if (count != 0 && scope.carrier == 0) revert IDepositoryErrors.CarrierNeeded();
            for (uint256 i = 0; i < count; ++i) {
                DebtRun.forgive(book, enforcement.forgivenesses[i], scope.carrier);
            }
        }
        pool.requireUsedUp();
    }
}
