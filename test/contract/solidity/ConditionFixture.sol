// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BodyRow, Enforcement, Fill} from "../../../contracts/type/Enforcement.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title Conditions packed as they are signed, and disputes about accounts that hold them.
abstract contract ConditionFixture is DisputeFixture {
    using EnforcementBuild for BodyRow[];
    using EnforcementBuild for Enforcement;

    uint8 internal constant HASH_LOCK = 1;
    uint8 internal constant PLAN_LOCK = 2;
    uint8 internal constant LIMIT_ORDER = 3;
    uint8 internal constant TRANSFORMER = 4;
    uint256 internal constant WHOLE = 1 << 32;

    /// @dev What a condition moves, in one token or two.
    function move(uint32 token, int128 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(token, amount);
    }

    function condition(
        uint8 kind,
        uint64 deadline,
        bytes32 subject,
        bytes memory moves,
        bytes memory data
    ) internal pure returns (bytes memory) {
        uint8 count = uint8(moves.length / 20);
        return abi.encodePacked(kind, deadline, subject, count, moves, data);
    }

    function lock(
        uint64 deadline,
        string memory secret,
        bytes memory moves
    ) internal pure returns (bytes memory) {
        return condition(HASH_LOCK, deadline, hashOfSecret(secret), moves, "");
    }

    function preimageOf(string memory secret) internal pure returns (bytes32) {
        return keccak256(bytes(secret));
    }

    function hashOfSecret(string memory secret) internal pure returns (bytes32) {
        return keccak256(abi.encode(preimageOf(secret)));
    }

    /// @param taker 0 for left, 1 for right.
    function offer(
        uint64 deadline,
        bytes32 order,
        uint8 taker,
        bytes memory moves
    ) internal pure returns (bytes memory) {
        return condition(LIMIT_ORDER, deadline, order, moves, abi.encodePacked(taker));
    }

    /// @dev Of one token, which the transformer may change from `lower` to `upper`.
    function transformer(
        uint64 deadline,
        address subject,
        uint32 givenGas,
        int128 lower,
        int128 upper,
        bytes memory payload
    ) internal pure returns (bytes memory) {
        bytes memory data = abi.encodePacked(givenGas, lower, payload);
        return condition(TRANSFORMER, deadline, idOf(subject), move(1, upper), data);
    }

    /// @dev A second row, of token 2.
    function withSecond(
        Claim memory self,
        int128 offdelta,
        uint128 leftLimit,
        uint128 rightLimit
    ) internal pure returns (Claim memory) {
        self.rows = self.rows.concat(row(2, offdelta, leftLimit, rightLimit));
        return self;
    }

    function reveal(string memory secret) internal {
        Enforcement memory enforcement;
        enforcement.addPreimage(preimageOf(secret));
        depository.enforce(enforcement);
    }

    /// @dev The taker's batch records how much of an order it takes.
    function take(
        uint256 taker,
        uint256 maker,
        bytes32 order,
        uint64 deadline,
        uint256 ratio
    ) internal {
        Enforcement memory enforcement;
        enforcement.add(
            Fill({
                counterparty: ids[maker],
                epoch: 0,
                order: order,
                deadline: deadline,
                ratio: ratio
            })
        );
        submit(taker, enforcement.alone());
    }

    /// @return What left has gained in the token since it had `HELD`.
    function gain(uint32 token) internal view returns (int256) {
        return int256(uint256(depository.reserveOf(ids[0], token))) - int256(HELD);
    }

    /// @dev Left starts with the claim, and it ends after its window.
    /// @return What left gains in token 1.
    function outcome(Claim memory self) internal returns (int256) {
        Live memory live = start(0, self);
        passWindow(live);
        finalise(live, self);
        return gain(1);
    }
}
