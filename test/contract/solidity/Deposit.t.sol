// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {FeeToken, MultiToken, StrangeToken, TwoFacedToken} from "./Token.sol";
import {TokenFixture} from "./TokenFixture.sol";

/// @title DEP-1: tokens of both kinds, and what a deposit makes of each.
contract DepositTest is TokenFixture {
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
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenKindUnsupported.selector, 0));
        depository.registerToken(0, address(assets[0]), 0);
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenKindUnsupported.selector, 3));
        depository.registerToken(3, address(assets[0]), 0);
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
        (MultiToken asset, , uint32 second) = multi();
        VM.expectRevert(abi.encodeWithSelector(Errors.TokenAlreadyRegistered.selector, second));
        depository.registerToken(2, address(asset), 2);
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

    function test_DEP1_ERC1155_EachIdIsAToken() public {
        (MultiToken asset, uint32 first, uint32 second) = multi();
        assertEq(depository.deposit(ids[0], first, 400), 400);
        // A tenth of the other id is kept on the way.
        assertEq(depository.deposit(ids[0], second, 400), 360);
        assertEq(depository.reserveOf(ids[0], first), 400);
        assertEq(depository.reserveOf(ids[0], second), 360);
        assertEq(asset.balanceOf(address(depository), 1), 400);
        assertEq(asset.balanceOf(address(depository), 2), 360);
        (uint8 kind, address where, uint256 assetId, uint128 total) = depository.tokenOf(second);
        assertTrue(kind == 2 && where == address(asset) && assetId == 2 && total == 360, "token");
        assertEq(depository.tokenIdOf(2, address(asset), 2), second);
    }

    function test_DEP1_ERC1155_TransferUnasked() public {
        (MultiToken asset, , ) = multi();
        bytes memory reason = abi.encodeWithSelector(
            Errors.TransferUnasked.selector,
            address(this)
        );
        VM.expectRevert(reason);
        asset.safeTransferFrom(address(this), address(depository), 1, 5, "");
        VM.expectRevert(reason);
        asset.mint(address(depository), 1, 5);
        uint256[] memory list = new uint256[](2);
        (list[0], list[1]) = (1, 2);
        VM.expectRevert(reason);
        asset.safeBatchTransferFrom(address(this), address(depository), list, list, "");
    }

    /// @dev Whoever says that it is the Depository only gets an answer.
    function test_DEP1_ERC1155_TheReceiverChangesNothing() public {
        bytes4 answer = depository.onERC1155Received(address(depository), address(this), 1, 5, "");
        assertTrue(answer == IERC1155Receiver.onERC1155Received.selector, "answer");
        assertEq(depository.reserveOf(ids[0], 1), 0);
    }

    function test_DEP1_ERC1155_SupportsInterface() public view {
        assertTrue(depository.supportsInterface(type(IERC1155Receiver).interfaceId), "receiver");
        assertTrue(depository.supportsInterface(type(IERC165).interfaceId), "itself");
        assertTrue(!depository.supportsInterface(0xffffffff), "never");
    }

    /// @dev One asset under both kinds: what came in counts for the one under which it came.
    function test_RCP6_OneAssetUnderBothKinds() public {
        TwoFacedToken asset = new TwoFacedToken();
        uint32 plain = register(address(asset));
        uint32 numbered = depository.registerToken(2, address(asset), 7);
        asset.mint(address(this), 100);
        asset.approve(address(depository), 100);
        depository.deposit(ids[0], plain, 60);
        depository.deposit(ids[1], numbered, 40);
        submit(0, withdrawal(plain, address(1), 60));
        submitExpecting(
            0,
            withdrawal(numbered, address(1), 1),
            abi.encodeWithSelector(Errors.ReserveInsufficient.selector, ids[0], numbered, 0, 1)
        );
        submit(1, withdrawal(numbered, address(1), 40));
        assertEq(asset.balanceOf(address(1)), 100);
    }

    function test_DEP1_NoAnswerIsATransfer() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.transferFrom.selector, StrangeToken.Manner.Answer, 0, 0);
        assertEq(depository.deposit(ids[0], token, 10), 10);
    }

    function test_DEP1_TokenRefused_AnswersThatAreNotTrue() public {
        (StrangeToken asset, uint32 token) = strange();
        bytes4 selector = IERC20.transferFrom.selector;
        asset.act(selector, StrangeToken.Manner.Answer, 0, 32);
        _refusesDeposit(token, abi.encode(false));
        asset.act(selector, StrangeToken.Manner.Answer, 2, 32);
        _refusesDeposit(token, abi.encode(2));
        asset.act(selector, StrangeToken.Manner.Answer, 1 << 248, 1);
        _refusesDeposit(token, hex"01");
        // Cut short, though all that is there reads as a one.
        asset.act(selector, StrangeToken.Manner.Answer, 1, 31);
        _refusesDeposit(token, new bytes(31));
        assertEq(depository.reserveOf(ids[0], token), 1000);
    }

    function test_DEP1_TokenRefused_QuotesTheToken() public {
        VM.expectRevert(
            refused(
                1,
                abi.encodeWithSignature(
                    "ERC20InsufficientAllowance(address,uint256,uint256)",
                    address(depository),
                    HELD,
                    HELD + 1
                )
            )
        );
        depository.deposit(ids[0], 1, uint128(HELD + 1));
    }

    function test_DEP1_TokenRefused_NoCodeLater() public {
        (StrangeToken asset, uint32 token) = strange();
        VM.etch(address(asset), "");
        _refusesDeposit(token, "");
        submitExpecting(0, withdrawal(token, address(1), 1), refused(token, ""));
        // What is owed stays written down, and nobody else is hurt.
        assertEq(depository.reserveOf(ids[0], token), 1000);
        assertEq(depository.deposit(ids[0], 1, 10), 10);
    }

    function test_DEP1_ABombInsteadOfAnAnswer() public {
        (StrangeToken asset, uint32 token) = strange();
        bytes4[2] memory doors = [IERC20.transferFrom.selector, IERC20.balanceOf.selector];
        for (uint256 i = 0; i < 2; ++i) {
            asset.act(doors[i], StrangeToken.Manner.Revert, 7, 1_000_000);
            _refusesDeposit(token, bytes.concat(abi.encode(7), new bytes(96)));
            asset.act(doors[i], StrangeToken.Manner.Honest, 0, 0);
        }
        // A good word with a megabyte behind it is paid for by the token alone.
        asset.act(doors[0], StrangeToken.Manner.Answer, 1, 1_000_000);
        uint256 before = gasleft();
        depository.deposit(ids[0], token, 10);
        assertTrue(before - gasleft() < 2_400_000, "memory of a megabyte is paid for once");
    }

    function test_DEP1_ALiarIsCreditedInItsOwnTokenOnly() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.balanceOf.selector, StrangeToken.Manner.Answer, 5000, 32);
        VM.expectRevert(abi.encodeWithSelector(Errors.AmountInvalid.selector, 0));
        depository.deposit(ids[0], token, 10);
        asset.act(IERC20.balanceOf.selector, StrangeToken.Manner.Answer, type(uint256).max, 32);
        VM.expectRevert(abi.encodeWithSelector(Errors.AmountInvalid.selector, 0));
        depository.deposit(ids[0], token, 10);
        asset.act(IERC20.balanceOf.selector, StrangeToken.Manner.Answer, 0, 31);
        _refusesDeposit(token, new bytes(31));
        assertEq(depository.reserveOf(ids[0], token), 1000);
        assertEq(depository.reserveOf(ids[0], 1), 0);
    }

    function test_RCP6_RebasedUp_TheSurplusIsNobodys() public {
        depository.deposit(ids[0], 1, 100);
        assets[0].mint(address(depository), 50);
        assertEq(depository.deposit(ids[1], 1, 10), 10);
        (, , , uint128 total) = depository.tokenOf(1);
        assertEq(total, 110);
    }

    function _refusesDeposit(uint32 token, bytes memory answer) private {
        VM.expectRevert(refused(token, answer));
        depository.deposit(ids[0], token, 10);
    }

    /// @dev RCP-6: the same for an ERC-1155, whose receiver is a contract.
    function testFuzz_RCP6_ERC1155_DepositAndWithdraw(uint256 amount, uint256 back) public {
        (MultiToken asset, uint32 token, ) = multi();
        amount = bound(amount, 1, 1000);
        back = bound(back, 1, amount);
        depository.deposit(ids[0], token, uint128(amount));
        submit(0, withdrawal(token, address(this), uint128(back)));
        assertEq(depository.reserveOf(ids[0], token), amount - back);
        assertEq(asset.balanceOf(address(depository), 1), amount - back);
        assertEq(asset.balanceOf(address(this), 1), 1000 - amount + back);
        (, , , uint128 total) = depository.tokenOf(token);
        assertEq(total, amount - back);
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
}
