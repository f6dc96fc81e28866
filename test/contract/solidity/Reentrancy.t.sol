// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedDeposit} from "../../../contracts/type/Deposit.sol";
import {
    BodyRow,
    DebtSweep,
    DisputeCounter,
    Enforcement,
    Finalisation
} from "../../../contracts/type/Enforcement.sol";
import {Batch, Settlements, SignedBatch} from "../../../contracts/type/Operation.sol";
import {PlanTerms} from "../../../contracts/type/Plan.sol";
import {Reentrant, ReentrantHolder} from "./Reentrant.sol";
import {MultiToken, ReentrantBalanceToken, ReentrantToken} from "./Token.sol";
import {TokenFixture} from "./TokenFixture.sol";

/// @title DEP-1: a token, or whoever it calls, comes back through every door while it is moved;
/// each call would succeed if it came alone.
contract ReentrancyTest is TokenFixture {
    ReentrantToken private _asset;
    uint32 private _token;
    bytes[] private _doors;

    function setUp() public {
        deploy();
        fill();
        _asset = new ReentrantToken();
        _token = register(address(_asset));
        _asset.mint(address(this), 1000);
        _asset.mint(address(_asset), 1000);
        _asset.approve(address(depository), 1000);
        _asset.approveFor(address(depository));
        depository.deposit(ids[0], _token, 100);
        _makeDoors();
    }

    function test_DEP1_WhileATokenIsPulled() public {
        _asset.arm(depository, _doors, false);
        depository.deposit(ids[0], _token, 10);
        _expectClosed(_asset.answers(), 2);
        assertEq(depository.reserveOf(ids[0], _token), 110);
    }

    function test_DEP1_WhileATokenIsPulled_ByASignature() public {
        address owner = VM.addr(keys[2]);
        _asset.mint(owner, 10);
        VM.prank(owner);
        _asset.approve(address(depository), 10);
        SignedDeposit memory order = SignedDeposit(ids[2], _token, 10, 1, FAR);
        bytes memory signature = signHash(keys[2], orderDigest(order));
        _asset.arm(depository, _doors, false);
        depository.depositSigned(order, owner, signature, none);
        _expectClosed(_asset.answers(), 2);
    }

    function test_DEP1_WhileATokenIsWithdrawn() public {
        _asset.arm(depository, _doors, false);
        submit(0, withdrawal(_token, address(1), 10));
        _expectClosed(_asset.answers(), 2);
        assertEq(depository.reserveOf(ids[0], _token), 90);
        assertEq(_asset.balanceOf(address(1)), 10);
    }

    /// @dev The doors that need an account in dispute or a certificate are shut before anybody
    /// looks at what is brought.
    function test_DEP1_TheOtherDoorsAreShut() public {
        delete _doors;
        DisputeCounter memory countered;
        Finalisation memory finalised;
        BodyRow[] memory rows = new BodyRow[](0);
        PlanTerms memory terms;
        Settlements memory list;
        _doors.push(abi.encodeCall(depository.counter, (countered, rows, "", "")));
        _doors.push(abi.encodeCall(depository.finalise, (finalised, rows, "", new uint32[](0))));
        _doors.push(abi.encodeCall(depository.commitPlan, (terms, list)));
        _asset.arm(depository, _doors, false);
        depository.deposit(ids[0], _token, 10);
        _expectClosed(_asset.answers(), 2);
    }

    /// @dev A token that insists on being let in fails its own transfer, and the batch with it.
    function test_DEP1_ATokenThatInsistsFailsItsOwnTransfer() public {
        _asset.arm(depository, _doors, true);
        submitExpecting(0, withdrawal(_token, address(1), 10), refused(_token, REENTERED));
        VM.expectRevert(refused(_token, REENTERED));
        depository.deposit(ids[0], _token, 10);
    }

    function test_DEP1_WhileAnERC1155CallsItsReceiver() public {
        (, uint32 token, ) = multi();
        depository.deposit(ids[0], token, 100);
        ReentrantHolder holder = new ReentrantHolder();
        holder.arm(depository, _doors, false);
        submit(0, withdrawal(token, address(holder), 10));
        _expectClosed(holder.answers(), 1);
        assertEq(depository.reserveOf(ids[0], token), 90);
    }

    /// @dev The receiver gives back what it gets while it gets it: that is no deposit.
    function test_DEP1_AnERC1155ReceiverCannotSendItBack() public {
        (MultiToken asset, uint32 token, ) = multi();
        depository.deposit(ids[0], token, 100);
        Thrower thrower = new Thrower(asset, address(depository));
        submit(0, withdrawal(token, address(thrower), 10));
        assertTrue(thrower.wasRefused(), "refused");
        assertEq(asset.balanceOf(address(thrower), 1), 10);
    }

    function test_DEP1_WhileABalanceIsRead() public {
        ReentrantBalanceToken asset = new ReentrantBalanceToken();
        uint32 token = register(address(asset));
        asset.mint(address(this), 100);
        asset.approve(address(depository), 100);
        for (uint256 i = 0; i < _doors.length; ++i) {
            asset.arm(depository, _doors[i]);
            depository.deposit(ids[0], token, 10);
        }
        assertEq(depository.reserveOf(ids[0], token), 10 * _doors.length);
    }

    /// @dev Each door, called alone, opens: what the others are refused is the moment.
    function test_DEP1_TheDoorsOpenAlone() public {
        for (uint256 i = 0; i < _doors.length; ++i) {
            VM.prank(address(_asset));
            (bool success, ) = address(depository).call(_doors[i]);
            assertTrue(success, "opens");
        }
    }

    /// @dev Read-only reentrancy: in the middle of a transfer the views show no more than what is
    /// there: what comes is not yet shown, what goes is shown no more.
    function test_RCP6_ViewsInTheMiddleOfATransfer() public {
        _asset.watch(depository, ids[0], _token);
        depository.deposit(ids[0], _token, 10);
        submit(0, withdrawal(_token, address(1), 30));
        Reentrant.Sight[] memory sights = _asset.sights();
        assertEq(sights.length, 4);
        _expectSight(sights[0], 100, 100);
        _expectSight(sights[1], 100, 110);
        _expectSight(sights[2], 80, 110);
        _expectSight(sights[3], 80, 80);
        assertEq(depository.reserveOf(ids[0], _token), 80);
    }

    function _expectSight(
        Reentrant.Sight memory sight,
        uint256 reserve,
        uint256 held
    ) private pure {
        assertEq(sight.reserve, reserve);
        assertEq(sight.total, reserve);
        assertEq(sight.held, held);
    }

    /// @param times How often the stranger was called.
    function _expectClosed(bytes[] memory answers, uint256 times) private view {
        assertEq(answers.length, times * _doors.length);
        for (uint256 i = 0; i < answers.length; ++i) {
            assertEq(keccak256(answers[i]), keccak256(REENTERED));
        }
    }

    /// @dev Every door that changes something, each with a call that nothing is wrong with.
    function _makeDoors() private {
        _doors.push(abi.encodeCall(depository.deposit, (ids[3], _token, 5)));
        SignedDeposit memory order = SignedDeposit(ids[3], 1, 5, 0, FAR);
        address owner = VM.addr(keys[3]);
        assets[0].mint(owner, 5);
        VM.prank(owner);
        assets[0].approve(address(depository), 5);
        bytes memory signature = signHash(keys[3], orderDigest(order));
        _doors.push(abi.encodeCall(depository.depositSigned, (order, owner, signature, none)));
        Batch memory batch = batchOf(1, withdrawal(1, address(1), 5));
        _doors.push(abi.encodeCall(depository.processBatch, (batch, signBatch(1, batch))));
        Settlements memory list = listOf(1, true);
        put(list, 0, 2, 3, 1, 1, -5, 5);
        _doors.push(abi.encodeCall(depository.settleDiffs, (list)));
        SignedBatch[] memory batches = new SignedBatch[](1);
        batches[0].batch = batchOf(2, payment(1, ids[3], 5));
        batches[0].signature = signBatch(2, batches[0].batch);
        _doors.push(abi.encodeCall(depository.processBatches, (batches)));
        Enforcement memory enforcement;
        enforcement.preimages = new bytes32[](1);
        _doors.push(abi.encodeCall(depository.enforce, (enforcement)));
        DebtSweep[] memory sweeps = new DebtSweep[](0);
        _doors.push(abi.encodeCall(depository.enforceDebts, (sweeps, new bytes32[](0))));
    }
}

/// @dev Throws what it receives back at whoever sent it.
contract Thrower {
    MultiToken private _asset;
    address private _sender;
    bool public wasRefused;

    constructor(MultiToken asset, address sender) {
        (_asset, _sender) = (asset, sender);
    }

    function onERC1155Received(
        address,
        address,
        uint256 id,
        uint256 amount,
        bytes calldata
    ) external returns (bytes4) {
        try _asset.safeTransferFrom(address(this), _sender, id, amount, "") {
            return this.onERC1155Received.selector;
        } catch {
            wasRefused = true;
        }
        return this.onERC1155Received.selector;
    }
}
