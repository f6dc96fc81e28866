// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {BoardHandler} from "./BoardHandler.sol";
import {Test} from "./Test.sol";

/// @title What holds after every sequence of replacements, cancellations, payments and proofs.
contract BoardInvariantTest is Test {
    BoardHandler private _handler;
    IDepository private _depository;
    IEntityProvider private _provider;

    function setUp() public {
        _handler = new BoardHandler();
        (_depository, _provider) = _handler.target();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice One random call: the same for each number.
    function step(uint256 i) public {
        uint256 a = uint256(keccak256(abi.encode("a", i)));
        uint256 b = uint256(keccak256(abi.encode("b", i)));
        if (i % 5 == 0) _handler.proposeNext(a, b);
        if (i % 5 == 1) _handler.pay(a, b, b >> 255 == 0);
        if (i % 5 == 2) _handler.prove(a, b);
        if (i % 5 == 3) _handler.pass(a);
        if (i % 5 == 4) _handler.prove(b, a);
        if (i % 15 == 1) _handler.cancelNext(a);
    }

    /// @dev TST-1: random calls reach every kind of change, so that what holds after them says
    /// something.
    function test_TST1_TheHandlerOfBoardsReachesDeepStates() public {
        for (uint256 i = 0; i < 400; ++i) step(i);
        for (uint256 kind = 0; kind <= uint256(BoardHandler.Kind.Retired); ++kind) {
            assertTrue(_handler.landed(BoardHandler.Kind(kind)) != 0, "every kind lands");
        }
        invariant_ENT5_boards();
        invariant_ENT5_history();
        invariant_ENT5_nonces();
    }

    /// @dev ENT-5: the current board alone signs batches and acts, nested or not; proofs are signed
    /// by the board of their time, or by the one before it while its grace lasts.
    function invariant_ENT5_boards() public view {
        assertTrue(!_handler.wrongBoard(), "a board counted that should not, or did not");
    }

    /// @dev ENT-5: boards begin when they were announced to, and none is forgotten.
    function invariant_ENT5_history() public view {
        uint64 number = _handler.number();
        uint256 count = _handler.tenureCount();
        assertEq(_provider.tenureCountOf(number), count);
        for (uint64 index = 0; index < count; ++index) {
            (bytes32 boardHash, uint64 since) = _provider.tenureOf(number, index);
            (bytes32 expected, uint256 start) = _handler.tenureAt(index);
            assertEq(boardHash, expected);
            assertEq(since, start);
        }
    }

    /// @dev ENT-5: each signature serves once.
    function invariant_ENT5_nonces() public view {
        (bytes32 entity, bytes32 outer) = _handler.entities();
        assertEq(_provider.nonceOf(entity), _handler.actions());
        assertEq(_depository.nonceOf(entity), _handler.batches(entity));
        assertEq(_depository.nonceOf(outer), _handler.batches(outer));
    }
}
