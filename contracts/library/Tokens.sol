// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";

/// @title The tokens of a jurisdiction, and how much of each the Depository owes (DEP-1, RCP-6).
library Tokens {
    /// @param total The sum of all reserves and collateral; always below 2^127, so no sum of
    /// parts can reach that.
    struct Token {
        address asset;
        uint8 kind;
        uint256 assetId;
        uint128 total;
    }

    struct State {
        uint32 count;
        mapping(uint256 token => Token) tokens;
        mapping(bytes32 assetKey => uint32) ids;
    }

    uint8 internal constant ERC20 = 1;
    uint8 internal constant ERC1155 = 2;
    uint256 internal constant LIMIT = 1 << 127;

    function register(
        State storage self,
        uint8 kind,
        address asset,
        uint256 assetId
    ) internal returns (uint32 token) {
        if (kind == ERC20) {
            if (assetId != 0) revert IDepositoryErrors.TokenAssetIdUnused(assetId);
        } else if (kind != ERC1155) {
            revert IDepositoryErrors.TokenKindUnsupported(kind);
        }
        if (asset.code.length == 0) revert IDepositoryErrors.TokenWithoutCode(asset);
        bytes32 key = keyOf(kind, asset, assetId);
        if (self.ids[key] != 0) revert IDepositoryErrors.TokenAlreadyRegistered(self.ids[key]);

        token = ++self.count;
        self.ids[key] = token;
        self.tokens[token] = Token(asset, kind, assetId, 0);
        emit IDepositoryEvents.TokenRegistered(token, asset, kind, assetId);
    }

    /// @dev Ids are given in sequence, so one word answers for all.
    /// @param token Not zero: of a list that ascends, its last one.
    function requireKnown(State storage self, uint256 token) internal view {
        if (token > self.count) revert IDepositoryErrors.TokenUnknown(token);
    }

    /// @param held The Depository's balance after the tokens came in.
    function give(State storage self, uint32 token, uint256 amount, uint256 held) internal {
        uint256 total = self.tokens[token].total + amount;
        if (total >= LIMIT || total > held) {
            revert IDepositoryErrors.TokenTotalInvalid(token, total, held);
        }
        self.tokens[token].total = uint128(total);
    }

    /// @dev The amount has left a reserve, so it is part of the total.
    function take(State storage self, uint32 token, uint128 amount) internal {
        self.tokens[token].total -= amount;
    }

    function keyOf(uint8 kind, address asset, uint256 assetId) internal pure returns (bytes32) {
        return keccak256(abi.encode(kind, asset, assetId));
    }
}
