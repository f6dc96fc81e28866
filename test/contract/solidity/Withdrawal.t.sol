// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Batch, Operations, Withdrawal, Withdrawals} from "../../../contracts/type/Operation.sol";
import {ReentrantHolder, Stranger} from "./Reentrant.sol";
import {GreedyToken, GuardedToken, MultiToken, StrangeToken} from "./Token.sol";
import {TokenFixture} from "./TokenFixture.sol";

/// @title DEP-1: what a token, or whoever receives it, can do to a withdrawal: fail its batch,
/// and nothing else.
contract WithdrawalTest is TokenFixture {
    function setUp() public {
        deploy();
        fill();
    }

    function test_DEP1_ReceiverInvalid() public {
        submitExpecting(
            0,
            withdrawal(1, address(depository), 1),
            abi.encodeWithSelector(Errors.ReceiverInvalid.selector, address(depository))
        );
    }

    function test_DEP1_TokenUnknown_HasNoReserve() public {
        submitExpecting(
            0,
            withdrawal(3, address(1), 1),
            abi.encodeWithSelector(Errors.ReserveInsufficient.selector, ids[0], 3, 0, 1)
        );
    }

    function test_RCP6_TokenTookTooMuch() public {
        GreedyToken asset = new GreedyToken();
        uint32 token = register(address(asset));
        asset.mint(address(this), 1000);
        asset.approve(address(depository), 1000);
        depository.deposit(ids[0], token, 1000);
        submitExpecting(
            0,
            withdrawal(token, address(this), 100),
            abi.encodeWithSelector(Errors.TokenTookTooMuch.selector, token, 100, 110)
        );
        submitExpecting(
            0,
            _many(token, 3, 100),
            abi.encodeWithSelector(Errors.TokenTookTooMuch.selector, token, 300, 330)
        );
    }

    /// @dev A group is summed: one reserve row, one total, each receiver its own amount.
    function test_DEP2_AGroupIsSummed() public {
        submit(0, _many(1, 5, 7));
        assertEq(depository.reserveOf(ids[0], 1), HELD - 35);
        (, , , uint128 total) = depository.tokenOf(1);
        assertEq(total, HELD * PARTIES - 35);
        for (uint256 i = 0; i < 5; ++i) assertEq(assets[0].balanceOf(address(uint160(1 + i))), 7);
    }

    function test_DEP2_AGroupIsSummed_ReserveInsufficient() public {
        uint256 each = HELD / 2 + 1;
        bytes4 selector = Errors.ReserveInsufficient.selector;
        submitExpecting(
            0,
            _many(1, 2, uint128(each)),
            abi.encodeWithSelector(selector, ids[0], 1, HELD, 2 * each)
        );
        // The sum of a hundred of the largest amounts is far from wrapping.
        uint128 most = (1 << 127) - 1;
        submitExpecting(
            0,
            _many(1, 100, most),
            abi.encodeWithSelector(selector, ids[0], 1, HELD, 100 * uint256(most))
        );
    }

    function test_DEP2_AnEmptyGroupIsNothing() public {
        submit(0, _many(1, 0, 0));
        assertEq(depository.reserveOf(ids[0], 1), HELD);
    }

    function test_DEP1_ToContracts() public {
        Stranger stranger = new Stranger();
        submit(0, withdrawal(1, address(stranger), 5));
        assertEq(assets[0].balanceOf(address(stranger)), 5);

        (MultiToken asset, uint32 token, ) = multi();
        depository.deposit(ids[0], token, 100);
        submitExpecting(
            0,
            withdrawal(token, address(stranger), 5),
            refused(
                token,
                abi.encodeWithSelector(
                    IERC1155Errors.ERC1155InvalidReceiver.selector,
                    address(stranger)
                )
            )
        );
        ReentrantHolder holder = new ReentrantHolder();
        submit(0, withdrawal(token, address(holder), 5));
        assertEq(asset.balanceOf(address(holder), 1), 5);
    }

    function test_DEP1_TokenRefused_FailsTheBatch_AndItsNonceIsUnused() public {
        GuardedToken asset = new GuardedToken();
        uint32 token = register(address(asset));
        asset.mint(address(this), 101);
        asset.approve(address(depository), 101);
        depository.deposit(ids[0], token, 100);

        Operations memory operations = withdrawal(token, address(7), 10);
        operations.reserveToReserve = payment(1, ids[1], 5).reserveToReserve;
        asset.pause(true);
        bytes memory paused = abi.encodeWithSelector(GuardedToken.Paused.selector);
        submitExpecting(0, operations, refused(token, paused));
        VM.expectRevert(refused(token, paused));
        depository.deposit(ids[0], token, 1);
        asset.pause(false);

        asset.blockHolder(address(7), true);
        bytes memory blocked = abi.encodeWithSelector(GuardedToken.Blocked.selector, address(7));
        submitExpecting(0, operations, refused(token, blocked));
        assertEq(depository.nonceOf(ids[0]), 0);
        assertEq(depository.reserveOf(ids[1], 1), HELD);

        // The way out: the same batch once it is allowed, or another one to somebody else.
        submit(0, withdrawal(token, address(8), 10));
        asset.blockHolder(address(7), false);
        submit(0, operations);
        assertEq(asset.balanceOf(address(7)), 10);

        // The Depository itself on the list: what is inside changes hands, and waits.
        asset.blockHolder(address(depository), true);
        submit(0, payment(token, ids[1], 80));
        bytes memory reason = abi.encodeWithSelector(
            GuardedToken.Blocked.selector,
            address(depository)
        );
        submitExpecting(1, withdrawal(token, address(8), 80), refused(token, reason));
    }

    function test_DEP1_NoAnswerIsATransfer() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.transfer.selector, StrangeToken.Manner.Answer, 0, 0);
        submit(0, withdrawal(token, address(1), 10));
        assertEq(asset.balanceOf(address(1)), 10);
    }

    function test_DEP1_TokenRefused_AnswersThatAreNotTrue() public {
        (StrangeToken asset, uint32 token) = strange();
        bytes4 selector = IERC20.transfer.selector;
        asset.act(selector, StrangeToken.Manner.Answer, 0, 32);
        submitExpecting(0, withdrawal(token, address(1), 10), refused(token, abi.encode(0)));
        asset.act(selector, StrangeToken.Manner.Answer, 1 << 255, 32);
        submitExpecting(0, withdrawal(token, address(1), 10), refused(token, abi.encode(1 << 255)));
        asset.act(selector, StrangeToken.Manner.Answer, 1, 31);
        submitExpecting(0, withdrawal(token, address(1), 10), refused(token, new bytes(31)));
        assertEq(asset.balanceOf(address(1)), 0);
    }

    /// @dev What a token says instead of answering is quoted, and cut: no error of it can pass for
    /// one of the Depository's.
    function test_DEP1_TokenRefused_QuotesTheToken() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.transfer.selector, StrangeToken.Manner.Revert, 7, 1_000_000);
        bytes memory quote = bytes.concat(abi.encode(7), new bytes(96));
        submitExpecting(0, withdrawal(token, address(1), 10), refused(token, quote));
        uint256 selector = uint256(uint32(Errors.NonceInvalid.selector)) << 224;
        asset.act(IERC20.transfer.selector, StrangeToken.Manner.Revert, selector, 100);
        quote = bytes.concat(bytes32(selector), new bytes(68));
        submitExpecting(0, withdrawal(token, address(1), 10), refused(token, quote));
    }

    /// @dev A token that takes all the gas there is fails the call that names it; that entity has
    /// lost nothing but the fee, and its next batch leaves the token out.
    function test_DEP1_AGasBombFailsItsOwnBatch() public {
        (StrangeToken asset, uint32 token) = strange();
        Batch memory batch = batchOf(0, withdrawal(token, address(1), 10));
        bytes memory signature = signBatch(0, batch);
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, signature));
        bytes4[2] memory doors = [IERC20.transfer.selector, IERC20.balanceOf.selector];
        for (uint256 i = 0; i < 2; ++i) {
            asset.act(doors[i], StrangeToken.Manner.Burn, 0, 0);
            (bool success, ) = address(depository).call{gas: 3_000_000}(data);
            assertTrue(!success, "burned");
            asset.act(doors[i], StrangeToken.Manner.Honest, 0, 0);
        }
        assertEq(depository.reserveOf(ids[0], token), 1000);
        submit(0, withdrawal(1, address(1), 10));
        submit(0, withdrawal(token, address(1), 10));
    }

    /// @dev RCP-6: a token that lost some of its balance pays whoever comes first, and the others
    /// wait for what comes in; none of it is taken from another token.
    function test_RCP6_RebasedDown_PaysUntilItIsEmpty() public {
        uint256 all = HELD * PARTIES;
        VM.prank(address(depository));
        assets[0].transfer(address(9), all - HELD);
        submit(0, withdrawal(1, address(1), uint128(HELD)));
        bytes memory reason = abi.encodeWithSignature(
            "ERC20InsufficientBalance(address,uint256,uint256)",
            address(depository),
            0,
            1
        );
        submitExpecting(1, withdrawal(1, address(1), 1), refused(1, reason));
        assets[0].mint(address(depository), all - HELD);
        submit(1, withdrawal(1, address(1), uint128(HELD)));
        submit(1, withdrawal(2, address(1), uint128(HELD)));
    }

    /// @dev A token that shows less after a withdrawal than it took fails it, and hurts its own
    /// holders only.
    function test_RCP6_ALiarIsRefusedOrBelievedInItsOwnTokenOnly() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.balanceOf.selector, StrangeToken.Manner.Answer, 1, 32);
        // It claims never to lose anything: that is its own affair.
        submit(0, withdrawal(token, address(1), 10));
        assertEq(depository.reserveOf(ids[0], token), 990);
        assertEq(depository.reserveOf(ids[0], 1), HELD);
    }

    /// @dev So many withdrawals of the amount, to addresses from 1 on.
    function _many(
        uint32 token,
        uint256 count,
        uint128 amount
    ) private pure returns (Operations memory operations) {
        operations.withdrawals = new Withdrawals[](1);
        Withdrawal[] memory items = new Withdrawal[](count);
        for (uint256 i = 0; i < count; ++i) {
            items[i] = Withdrawal(address(uint160(1 + i)), amount);
        }
        operations.withdrawals[0] = Withdrawals(token, items);
    }
}
