// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Permit, SignedDeposit} from "../../../contracts/type/Deposit.sol";
import {Batch, Operations} from "../../../contracts/type/Operation.sol";
import {MultiToken, ReentrantToken, StrangeToken} from "./Token.sol";
import {TokenFixture} from "./TokenFixture.sol";

/// @title DEP-1: deposits that an owner signs; who can move the tokens of somebody that approved
/// the Depository (nobody but itself and its signature).
contract SignedDepositTest is TokenFixture {
    uint256 private constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    address private _owner;
    /// @dev In storage: the compiler takes `block.chainid` to be the same all the while.
    uint256 private _chain;

    function setUp() public {
        deploy();
        _owner = VM.addr(keys[0]);
        _chain = block.chainid;
        assets[0].mint(_owner, 100);
        VM.prank(_owner);
        assets[0].approve(address(depository), 100);
    }

    function test_DEP1_SignedDeposit_DeadlinePassed() public {
        SignedDeposit memory order = SignedDeposit(ids[0], 1, 5, 0, 99);
        bytes memory signature = signHash(keys[0], orderDigest(order));
        VM.warp(100);
        VM.expectRevert(abi.encodeWithSelector(Errors.DeadlinePassed.selector, 99, 100));
        depository.depositSigned(order, _owner, signature, none);
        VM.warp(99);
        depository.depositSigned(order, _owner, signature, none);
    }

    function test_DEP1_SignedDeposit_OwnerSignatureInvalid() public {
        SignedDeposit memory order = _order(0);
        _expectNotSigned(order, signHash(keys[1], orderDigest(order)));
        bytes32 digest = orderDigest(order);
        VM.expectRevert(
            abi.encodeWithSelector(Errors.OwnerSignatureInvalid.selector, address(0), digest)
        );
        depository.depositSigned(order, address(0), new bytes(65), none);
    }

    function test_DEP1_SignedDeposit_EveryFieldIsSigned() public {
        bytes memory signature = signHash(keys[0], orderDigest(_order(0)));
        SignedDeposit[5] memory orders = [_order(0), _order(0), _order(0), _order(0), _order(0)];
        orders[0].entity = ids[4];
        orders[1].token = 2;
        orders[2].amount = 6;
        orders[3].nonce = 1;
        orders[4].deadline = FAR + 1;
        for (uint256 i = 0; i < 5; ++i) _expectNotSigned(orders[i], signature);
        depository.depositSigned(_order(0), _owner, signature, none);
    }

    /// @dev ENT-3: one signature has one form.
    function test_DEP1_SignedDeposit_OtherFormsAreRefused() public {
        SignedDeposit memory order = _order(0);
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[0], orderDigest(order));
        bytes32 high = bytes32(ORDER - uint256(s));
        _expectNotSigned(order, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
        _expectNotSigned(order, abi.encodePacked(r, s, v - 27));
        _expectNotSigned(order, abi.encodePacked(r, s, v, hex"00"));
        _expectNotSigned(order, abi.encodePacked(r, s));
        bytes32 compact = bytes32(uint256(s) | (v == 28 ? 1 << 255 : 0));
        _expectNotSigned(order, abi.encodePacked(r, compact));
        _expectNotSigned(order, "");
        depository.depositSigned(order, _owner, abi.encodePacked(r, s, v), none);
    }

    /// @dev A root signature (ENT-4) over the same digest is none of the owner's under it.
    function test_ENT4_SignedDeposit_IsNoRootSignature() public {
        SignedDeposit memory order = _order(0);
        _expectNotSigned(order, sign(keys[0], ids[0], orderDigest(order)));
    }

    function test_DEP1_SignedDeposit_DepositNonceUsed() public {
        // Nonces have no order, and each owner has its own.
        uint256[4] memory nonces = [uint256(257), 256, 1, type(uint256).max];
        for (uint256 i = 0; i < 4; ++i) {
            SignedDeposit memory order = _order(nonces[i]);
            bytes memory signature = signHash(keys[0], orderDigest(order));
            assertTrue(!depository.depositNonceUsed(_owner, nonces[i]), "free");
            depository.depositSigned(order, _owner, signature, none);
            assertTrue(depository.depositNonceUsed(_owner, nonces[i]), "used");
            VM.expectRevert(
                abi.encodeWithSelector(Errors.DepositNonceUsed.selector, _owner, nonces[i])
            );
            depository.depositSigned(order, _owner, signature, none);
        }
        assertEq(depository.reserveOf(ids[3], 1), 20);
        assertTrue(!depository.depositNonceUsed(VM.addr(keys[1]), 257), "another's");
    }

    /// @dev A refused deposit uses no nonce.
    function test_DEP1_SignedDeposit_WhatFailsCanBeTriedAgain() public {
        SignedDeposit memory order = _order(0);
        order.amount = 101;
        bytes memory signature = signHash(keys[0], orderDigest(order));
        VM.expectRevert();
        depository.depositSigned(order, _owner, signature, none);
        VM.prank(_owner);
        assets[0].approve(address(depository), 101);
        assets[0].mint(_owner, 1);
        depository.depositSigned(order, _owner, signature, none);
    }

    function test_DEP1_SignedDeposit_NotOnAnotherContractOrChain() public {
        SignedDeposit memory order = _order(0);
        bytes memory signature = signHash(keys[0], orderDigest(order));
        IDepository here = depository;
        deployContracts();
        depository.registerToken(1, address(assets[0]), 0);
        _expectNotSigned(order, signature);

        depository = here;
        VM.chainId(_chain + 1);
        _expectNotSigned(order, signature);
        VM.chainId(_chain);
        depository.depositSigned(order, _owner, signature, none);
    }

    function test_DEP1_SignedDeposit_ERC1155() public {
        (MultiToken asset, uint32 token, ) = multi();
        asset.safeTransferFrom(address(this), _owner, 1, 10, "");
        VM.prank(_owner);
        asset.setApprovalForAll(address(depository), true);
        SignedDeposit memory order = SignedDeposit(ids[3], token, 5, 0, FAR);
        bytes memory signature = signHash(keys[0], orderDigest(order));
        // A permit is an ERC-20's; here it is not even tried.
        depository.depositSigned(order, _owner, signature, Permit(1, 2, 27, 0, 0));
        assertEq(depository.reserveOf(ids[3], token), 5);
    }

    function test_DEP1_Permit_SetsTheAllowance_AndItsFailureIsIgnored() public {
        VM.prank(_owner);
        assets[0].approve(address(depository), 0);
        Permit memory permit = permitOf(keys[0], 10);
        for (uint256 nonce = 0; nonce < 2; ++nonce) {
            bytes memory signature = signHash(keys[0], orderDigest(_order(nonce)));
            // The second time the permit is used up and fails; the allowance still stands.
            depository.depositSigned(_order(nonce), _owner, signature, permit);
        }
        assertEq(depository.reserveOf(ids[3], 1), 10);
    }

    /// @dev Somebody sees the permit in the mempool and uses it first: nothing is lost by it.
    function test_DEP1_Permit_FrontRun() public {
        VM.prank(_owner);
        assets[0].approve(address(depository), 0);
        Permit memory permit = permitOf(keys[0], 5);
        address token = address(assets[0]);
        VM.prank(address(0xbad));
        IERC20Permit(token).permit(
            _owner,
            address(depository),
            permit.value,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s
        );
        _attackersGetNothing();
        depository.depositSigned(
            _order(0),
            _owner,
            signHash(keys[0], orderDigest(_order(0))),
            permit
        );
        assertEq(depository.reserveOf(ids[3], 1), 5);
    }

    /// @dev Or puts it into an order of its own: it sets the allowance, and moves nothing.
    function test_DEP1_Permit_InSomebodyElsesOrder() public {
        VM.prank(_owner);
        assets[0].approve(address(depository), 0);
        SignedDeposit memory order = SignedDeposit(ids[1], 1, 5, 0, FAR);
        bytes memory signature = signHash(keys[1], orderDigest(order));
        Permit memory permit = permitOf(keys[0], 5);
        VM.expectRevert();
        depository.depositSigned(order, VM.addr(keys[1]), signature, permit);
        assertEq(assets[0].balanceOf(_owner), 100);
    }

    function test_DEP1_Permit_HostileOnesCannotEatTheCall() public {
        (StrangeToken asset, uint32 token) = strange();
        bytes4 selector = IERC20Permit.permit.selector;
        asset.mint(_owner, 100);
        VM.prank(_owner);
        asset.approve(address(depository), 100);
        StrangeToken.Manner[3] memory manners = [
            StrangeToken.Manner.Burn,
            StrangeToken.Manner.Revert,
            StrangeToken.Manner.Answer
        ];
        for (uint256 i = 0; i < 3; ++i) {
            asset.act(selector, manners[i], 1, 1_000_000);
            SignedDeposit memory order = SignedDeposit(ids[3], token, 5, i, FAR);
            bytes memory signature = signHash(keys[0], orderDigest(order));
            depository.depositSigned{gas: 500_000}(
                order,
                _owner,
                signature,
                Permit(5, FAR, 27, 0, 0)
            );
        }
        assertEq(depository.reserveOf(ids[3], token), 15);
    }

    function test_DEP1_AnAllowanceIsSpentByItsOwnerAlone() public {
        _attackersGetNothing();
        VM.prank(_owner);
        depository.deposit(ids[3], 1, 100);
        assertEq(depository.reserveOf(ids[3], 1), 100);
    }

    /// @dev The owner submits batches for others, as a relayer: none of them reaches its tokens.
    function test_DEP1_ARelayersAllowanceIsNotSpentByABatch() public {
        Operations memory operations = payment(1, ids[2], 1);
        operations.withdrawals = withdrawal(1, VM.addr(keys[1]), 1).withdrawals;
        operations.reserveToCollateral = funding(1, ids[1], ids[2], 1).reserveToCollateral;
        _relay(
            operations,
            abi.encodeWithSelector(Errors.ReserveInsufficient.selector, ids[1], 1, 0, 1)
        );
        // A token of the attacker's that it withdraws in a batch calls back: it is no owner.
        ReentrantToken asset = new ReentrantToken();
        uint32 token = register(address(asset));
        asset.mint(address(this), 10);
        asset.approve(address(depository), 10);
        depository.deposit(ids[1], token, 10);
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(depository.deposit, (ids[1], 1, 5));
        asset.arm(depository, calls, false);
        _relay(withdrawal(token, VM.addr(keys[1]), 10), "");
        assertEq(keccak256(asset.answers()[0]), keccak256(REENTERED));
        assertEq(assets[0].balanceOf(_owner), 100);
        assertEq(assets[0].allowance(_owner, address(depository)), 100);
    }

    /// @dev The owner submits a batch of the attacker's.
    function _relay(Operations memory operations, bytes memory refusal) private {
        Batch memory batch = batchOf(1, operations);
        bytes memory signature = signBatch(1, batch);
        if (refusal.length != 0) VM.expectRevert(refusal);
        VM.prank(_owner);
        depository.processBatch(batch, signature);
    }

    /// @dev The owner has approved the Depository; nobody else's word moves its tokens.
    function _attackersGetNothing() private {
        uint256 held = assets[0].balanceOf(_owner);
        SignedDeposit memory order = SignedDeposit(ids[1], 1, 5, 9, FAR);
        _expectNotSigned(order, signHash(keys[1], orderDigest(order)));
        VM.expectRevert();
        VM.prank(VM.addr(keys[1]));
        depository.deposit(ids[1], 1, 5);
        bytes memory signature = signHash(keys[1], orderDigest(order));
        VM.expectRevert();
        depository.depositSigned(order, VM.addr(keys[1]), signature, none);
        assertEq(assets[0].balanceOf(_owner), held);
    }

    function _expectNotSigned(SignedDeposit memory order, bytes memory signature) private {
        bytes32 digest = orderDigest(order);
        VM.expectRevert(
            abi.encodeWithSelector(Errors.OwnerSignatureInvalid.selector, _owner, digest)
        );
        depository.depositSigned(order, _owner, signature, none);
    }

    function _order(uint256 nonce) private view returns (SignedDeposit memory) {
        return SignedDeposit(ids[3], 1, 5, nonce, FAR);
    }
}
