// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {DevToken} from "../../../contracts/dev/DevToken.sol";
import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {Operations, SignedBatch} from "../../../contracts/type/Operation.sol";
import {ProcessingFixture} from "./ProcessingFixture.sol";
import {GreedyToken, GuardedToken, MultiToken, ReentrantToken, StrangeToken} from "./Token.sol";

interface IMintable {
    function mint(address to, uint256 amount) external;
}

/// @title What the invariants of tokens let happen: one honest token among six of all sorts, which
/// lie, refuse, burn, take too much, keep fees, are paused, or call back; and many batches at once.
/// @dev `reserves` is what the honest token's should be, kept by its own arithmetic.
contract StrangerHandler is ProcessingFixture {
    enum Kind {
        Deposit,
        Withdrawal,
        Payment,
        Funding,
        Processing,
        Failure,
        Reentry
    }

    uint32 public constant TOKENS = 7;
    uint32 private constant HONEST = 1;
    uint32 private constant STRANGE = 2;
    uint32 private constant MULTI = 6;
    uint256 private constant MOST = 1000;

    StrangeToken private _strange = new StrangeToken();
    GuardedToken private _guarded = new GuardedToken();
    ReentrantToken private _reentrant = new ReentrantToken();
    MultiToken private _multi = new MultiToken();
    address[] private _coins;

    mapping(Kind => uint256) public landed;
    mapping(uint256 party => uint256) public reserves;
    mapping(uint256 party => uint64) public nonces;

    constructor() {
        deployContracts();
        makeParties();
        _coins = [
            address(new DevToken("Dev", "DEV", 6)),
            address(_strange),
            address(new GreedyToken()),
            address(_guarded),
            address(_reentrant)
        ];
        for (uint256 i = 0; i < _coins.length; ++i) {
            register(_coins[i]);
            IERC20(_coins[i]).approve(address(depository), type(uint256).max);
        }
        depository.registerToken(2, address(_multi), 1);
        depository.registerToken(2, address(_multi), 2);
        _multi.setApprovalForAll(address(depository), true);
        _arm();
        for (uint256 party = 0; party < PARTIES; ++party) {
            for (uint256 token = 0; token < TOKENS; ++token) deposit(party, token, MOST);
        }
    }

    function target() external view returns (IDepository) {
        return depository;
    }

    function partyOf(uint256 party) external view returns (bytes32) {
        return ids[party];
    }

    /// @return What the Depository has of a token, whatever the token says to others.
    function heldOf(uint32 token) external view returns (uint256) {
        if (token >= MULTI) return _multi.balanceOf(address(depository), token - MULTI + 1);
        return IERC20(_coins[token - 1]).balanceOf(address(depository));
    }

    function deposit(uint256 party, uint256 kind, uint256 amount) public {
        (party, amount) = (party % PARTIES, bound(amount, 1, MOST));
        uint32 token = _tokenOf(kind);
        if (token >= MULTI) _multi.mint(address(this), token - MULTI + 1, amount);
        else if (!_mint(_coins[token - 1], amount)) return;
        try depository.deposit{gas: 5_000_000}(ids[party], token, uint128(amount)) {
            ++landed[Kind.Deposit];
            if (token == HONEST) reserves[party] += amount;
        } catch {}
    }

    function withdraw(uint256 party, uint256 kind, uint256 amount) external {
        (party, amount) = (party % PARTIES, bound(amount, 1, MOST));
        uint32 token = _tokenOf(kind);
        if (!_try(party, withdrawal(token, address(0xbeef), uint128(amount)))) return;
        ++landed[Kind.Withdrawal];
        if (token == HONEST) reserves[party] -= amount;
    }

    function pay(uint256 party, uint256 to, uint256 kind, uint256 amount) external {
        (party, to, amount) = (party % PARTIES, to % PARTIES, bound(amount, 1, MOST));
        uint32 token = _tokenOf(kind);
        if (!_try(party, payment(token, ids[to], uint128(amount)))) return;
        ++landed[Kind.Payment];
        if (token != HONEST) return;
        reserves[party] -= amount;
        reserves[to] += amount;
    }

    function fund(uint256 party, uint256 other, uint256 kind, uint256 amount) external {
        (party, other, amount) = (party % PARTIES, other % PARTIES, bound(amount, 1, MOST / 4));
        uint32 token = _tokenOf(kind);
        if (party == other) return;
        if (!_try(party, funding(token, ids[party], ids[other], uint128(amount)))) return;
        ++landed[Kind.Funding];
        if (token == HONEST) reserves[party] -= amount;
    }

    /// @notice Three batches at once: each pays in the honest token, and takes a stranger out.
    /// @dev A batch whose stranger refuses must not have paid either.
    function process(uint256 seed, uint256 kind) external {
        uint32 token = _tokenOf(kind);
        SignedBatch[] memory list = new SignedBatch[](3);
        uint256[3] memory amounts;
        for (uint256 i = 0; i < 3; ++i) {
            amounts[i] = bound(seed >> (64 * i), 1, MOST);
            Operations memory operations = payment(HONEST, ids[3], uint128(amounts[i]));
            operations.withdrawals = withdrawal(token, address(0xbeef), 1).withdrawals;
            // Every eighth comes at a nonce that is not there yet.
            uint64 nonce = nonces[i] + ((seed >> (64 * i + 40)) % 8 == 0 ? 1 : 0);
            list[i] = signedAt(i, nonce, operations);
        }
        try depository.processBatches{gas: 30_000_000}(list) {
            ++landed[Kind.Processing];
        } catch {
            return;
        }
        for (uint256 i = 0; i < 3; ++i) {
            if (depository.nonceOf(ids[i]) == nonces[i]) {
                ++landed[Kind.Failure];
                continue;
            }
            ++nonces[i];
            reserves[i] -= amounts[i] + (token == HONEST ? 1 : 0);
            reserves[3] += amounts[i];
        }
    }

    /// @dev Half of the time the strange token is honest again, so that money moves between.
    function behave(uint256 which, uint256 manner, uint256 word) external {
        bytes4[3] memory doors = [
            IERC20.balanceOf.selector,
            IERC20.transfer.selector,
            IERC20.transferFrom.selector
        ];
        StrangeToken.Manner next = StrangeToken.Manner(manner % 8 < 4 ? 0 : manner % 4);
        uint256 size = (word >> 8) % 3 == 0 ? 31 : 32;
        _strange.act(doors[which % 3], next, word % 4 == 0 ? word : word % 2, size);
    }

    function guard(uint256 manner) external {
        _guarded.pause(manner % 4 == 0);
        _guarded.blockHolder(address(0xbeef), manner % 4 == 1);
    }

    /// @return Whether every call back into the Depository was refused as one.
    function allRefused() external returns (bool) {
        bytes[] memory answers = _reentrant.answers();
        landed[Kind.Reentry] = answers.length;
        for (uint256 i = 0; i < answers.length; ++i) {
            if (keccak256(answers[i]) != keccak256(REENTERED)) return false;
        }
        return true;
    }

    function _arm() private {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IDepository.deposit, (ids[0], HONEST, 1));
        calls[1] = abi.encodeCall(IDepository.processBatches, (new SignedBatch[](0)));
        _reentrant.approveFor(address(depository));
        _reentrant.mint(address(_reentrant), MOST * MOST);
        _reentrant.arm(depository, calls, false);
    }

    function _mint(address coin, uint256 amount) private returns (bool) {
        try IMintable(coin).mint(address(this), amount) {
            return true;
        } catch {
            return false;
        }
    }

    function _try(uint256 party, Operations memory operations) private returns (bool) {
        SignedBatch memory batch = signed(party, operations);
        try depository.processBatch{gas: 15_000_000}(batch.batch, batch.signature) {
            ++nonces[party];
            return true;
        } catch {
            return false;
        }
    }

    function _tokenOf(uint256 kind) private pure returns (uint32) {
        return uint32(1 + (kind % TOKENS));
    }
}
