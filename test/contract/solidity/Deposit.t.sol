// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Permit, SignedDeposit} from "../../../contracts/type/Deposit.sol";
import {Fixture} from "./Fixture.sol";
import {FeeToken, GreedyToken, ReentrantToken} from "./Token.sol";

/// @title DEP-1: tokens, deposits, and the deposits that an owner signs.
contract DepositTest is Fixture {
    Permit private _none;

    function setUp() public {
        deploy();
        assets[0].mint(address(this), HELD);
        assets[0].approve(address(depository), HELD);
    }

    function test_DEP1_EntityProviderWithoutCode() public {
        VM.expectRevert(
            abi.encodeWithSelector(Errors.EntityProviderWithoutCode.selector, address(1))
        );
        create("Depository.sol:Depository", abi.encode(address(1), address(2)));
    }

    function test_DEP1_TokenKindUnsupported() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenKindUnsupported.selector, 2));
        depository.registerToken(2, address(assets[0]), 0);
    }

    function test_DEP1_TokenAssetIdUnused() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenAssetIdUnused.selector, 7));
        depository.registerToken(1, address(assets[0]), 7);
    }

    function test_DEP1_TokenWithoutCode() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenWithoutCode.selector, address(9)));
        depository.registerToken(1, address(9), 0);
    }

    function test_DEP1_TokenAlreadyRegistered() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenAlreadyRegistered.selector, 2));
        depository.registerToken(1, address(assets[1]), 0);
    }

    function test_DEP1_TokenUnknown() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenUnknown.selector, 3));
        depository.deposit(ids[0], 3, 1);
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenUnknown.selector, 0));
        depository.deposit(ids[0], 0, 1);
    }

    function test_RCP5_AmountInvalid() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.AmountInvalid.selector, 0));
        depository.deposit(ids[0], 1, 0);
        VM.expectRevert(abi.encodeWithSelector(Errors.AmountInvalid.selector, 1 << 127));
        depository.deposit(ids[0], 1, 1 << 127);
    }

    function test_ENT1_EntityInvalid() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.EntityInvalid.selector, 0));
        depository.deposit(0, 1, 1);
        VM.expectRevert(abi.encodeWithSelector(Errors.EntityInvalid.selector, 1));
        depository.deposit(bytes32(uint256(1)), 1, 1);
        provider.registerEntity(keccak256("board"));
        depository.deposit(bytes32(uint256(1)), 1, 1);
    }

    function test_RCP5_TokenTotalInvalid() public {
        uint256 most = (1 << 127) - 1;
        assets[0].mint(address(this), most);
        assets[0].approve(address(depository), type(uint256).max);
        depository.deposit(ids[0], 1, uint128(most));
        VM.expectRevert(
            abi.encodeWithSelector(
                Errors.TokenTotalInvalid.selector,
                1,
                uint256(1) << 127,
                uint256(1) << 127
            )
        );
        depository.deposit(ids[1], 1, 1);
    }

    function test_RCP6_TokenTotalInvalid_TokenLostBalance() public {
        depository.deposit(ids[0], 1, 100);
        VM.prank(address(depository));
        assets[0].transfer(address(1), 50);
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenTotalInvalid.selector, 1, 110, 60));
        depository.deposit(ids[0], 1, 10);
    }

    function test_DEP1_CreditsWhatReallyCame() public {
        FeeToken fee = new FeeToken();
        uint32 token = depository.registerToken(1, address(fee), 0);
        fee.mint(address(this), 1000);
        fee.approve(address(depository), 1000);
        assertEq(depository.deposit(ids[0], token, 1000), 900);
        assertEq(depository.reserveOf(ids[0], token), 900);
    }

    function test_DEP1_PullsOnlyFromTheCaller() public {
        VM.expectRevert();
        VM.prank(address(1));
        depository.deposit(ids[0], 1, 1);
    }

    function test_RCP6_TokenTookTooMuch() public {
        GreedyToken greedy = new GreedyToken();
        uint32 token = depository.registerToken(1, address(greedy), 0);
        greedy.mint(address(this), 1000);
        greedy.approve(address(depository), 1000);
        depository.deposit(ids[0], token, 1000);
        bytes memory reason = abi.encodeWithSelector(
            Errors.TokenTookTooMuch.selector,
            token,
            100,
            110
        );
        submitExpecting(0, withdrawal(token, address(this), 100), reason);
    }

    function test_DEP1_ReentrantTokenIsRefused() public {
        ReentrantToken token = new ReentrantToken();
        depository.registerToken(1, address(token), 0);
        token.arm(depository);
        token.approve(address(depository), 1000);
        VM.expectRevert(
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        depository.deposit(ids[0], 3, 1);
    }

    function test_DEP1_SignedDeposit_DeadlinePassed() public {
        SignedDeposit memory order = SignedDeposit(ids[0], 1, 5, 0, 99);
        VM.warp(100);
        VM.expectRevert(abi.encodeWithSelector(Errors.DeadlinePassed.selector, 99, 100));
        depository.depositSigned(order, VM.addr(keys[0]), "", _none);
    }

    function test_DEP1_SignedDeposit_OwnerSignatureInvalid() public {
        SignedDeposit memory order = SignedDeposit(ids[0], 1, 5, 0, FAR);
        address owner = VM.addr(keys[0]);
        bytes memory signature = signHash(keys[1], _digestOf(order));
        bytes memory reason = abi.encodeWithSelector(
            Errors.OwnerSignatureInvalid.selector,
            owner,
            _digestOf(order)
        );
        VM.expectRevert(reason);
        depository.depositSigned(order, owner, signature, _none);
        VM.expectRevert(
            abi.encodeWithSelector(
                Errors.OwnerSignatureInvalid.selector,
                address(0),
                _digestOf(order)
            )
        );
        depository.depositSigned(order, address(0), new bytes(65), _none);
    }

    function test_DEP1_SignedDeposit_DepositNonceUsed() public {
        SignedDeposit memory order = SignedDeposit(ids[3], 1, 5, 257, FAR);
        address owner = VM.addr(keys[0]);
        bytes memory signature = signHash(keys[0], _digestOf(order));
        assets[0].mint(owner, 10);
        VM.prank(owner);
        assets[0].approve(address(depository), 10);
        depository.depositSigned(order, owner, signature, _none);
        assertEq(depository.reserveOf(ids[3], 1), 5);
        assertTrue(depository.depositNonceUsed(owner, 257), "used");
        VM.expectRevert(abi.encodeWithSelector(Errors.DepositNonceUsed.selector, owner, 257));
        depository.depositSigned(order, owner, signature, _none);
    }

    function test_DEP1_PermitSetsTheAllowance_AndItsFailureIsIgnored() public {
        address owner = VM.addr(keys[0]);
        assets[0].mint(owner, 10);
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 hash = MessageHashUtils.toTypedDataHash(
            assets[0].DOMAIN_SEPARATOR(),
            keccak256(abi.encode(typehash, owner, depository, uint256(10), uint256(0), FAR))
        );
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[0], hash);
        Permit memory permit = Permit(10, FAR, v, r, s);
        for (uint256 nonce = 0; nonce < 2; ++nonce) {
            SignedDeposit memory order = SignedDeposit(ids[0], 1, 5, nonce, FAR);
            bytes memory signature = signHash(keys[0], _digestOf(order));
            // The second time the permit is used up and fails; the allowance still stands.
            depository.depositSigned(order, owner, signature, permit);
        }
        assertEq(depository.reserveOf(ids[0], 1), 10);
    }

    /// @dev RCP-6: what comes in is credited, counted and held.
    function testFuzz_RCP6_DepositAndWithdraw(uint256 amount, uint256 back) public {
        amount = bound(amount, 1, HELD);
        back = bound(back, 1, amount);
        depository.deposit(ids[0], 1, uint128(amount));
        submit(0, withdrawal(1, address(1), uint128(back)));
        assertEq(depository.reserveOf(ids[0], 1), amount - back);
        assertEq(assets[0].balanceOf(address(depository)), amount - back);
        assertEq(assets[0].balanceOf(address(1)), back);
    }

    function _digestOf(SignedDeposit memory order) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Deposit(bytes32 entity,uint32 token,uint128 amount,uint256 nonce,uint64 deadline)"
        );
        return
            MessageHashUtils.toTypedDataHash(
                depository.domainSeparator(),
                keccak256(abi.encode(typehash, order))
            );
    }
}
