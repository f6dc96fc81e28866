// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../interface/IEntityProvider.sol";
import {Accounts} from "./Accounts.sol";
import {Debts} from "./Debts.sol";
import {Evidence} from "./Evidence.sol";
import {Reserves} from "./Reserves.sol";
import {Tokens} from "./Tokens.sol";

/// @title All of the money, and what every kind of operation needs to know beside it.
library Book {
    struct State {
        Tokens.State tokens;
        Reserves.State reserves;
        Accounts.State accounts;
        Debts.State debts;
        Evidence.State evidence;
    }

    /// @param provider Who judges boards.
    /// @param domain The EIP-712 domain of the digests.
    /// @param carrier The entity whose batch this is, and so has signed; zero if there is none.
    /// @param asked What contracts may have spent when they were asked whether they signed, in gas:
    /// who is one shows only then.
    struct Scope {
        IEntityProvider provider;
        bytes32 domain;
        bytes32 carrier;
        uint256 asked;
    }
}
