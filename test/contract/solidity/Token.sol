// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {Reentrant} from "./Reentrant.sol";

/// @dev Keeps a tenth of every transfer for itself.
contract FeeToken is ERC20("Fee", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(this), amount / 10);
    }
}

/// @dev Takes a tenth more from who sends.
contract GreedyToken is ERC20("Greedy", "GRE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        _transfer(msg.sender, address(this), amount / 10);
        return super.transfer(to, amount);
    }
}

/// @dev Does what it is told to do instead of answering, function by function; money moves as it
/// should.
contract StrangeToken is ERC20("Strange", "STR"), IERC20Permit {
    enum Manner {
        Honest,
        Answer,
        Revert,
        Burn
    }

    /// @param word The first word that is answered; all behind it is zero.
    /// @param size How many bytes are answered.
    struct Act {
        Manner manner;
        uint256 word;
        uint256 size;
    }

    mapping(bytes4 selector => Act) private _acts;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function act(bytes4 selector, Manner manner, uint256 word, uint256 size) external {
        _acts[selector] = Act(manner, word, size);
    }

    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256,
        uint8,
        bytes32,
        bytes32
    ) external {
        _approve(owner, spender, value);
        _perform();
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        _perform();
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        _perform();
        return true;
    }

    function nonces(address) external pure returns (uint256) {
        return 0;
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external pure returns (bytes32) {
        return 0;
    }

    function balanceOf(address account) public view override returns (uint256) {
        _perform();
        return super.balanceOf(account);
    }

    function _perform() private view {
        Act memory next = _acts[msg.sig];
        if (next.manner == Manner.Honest) return;
        if (next.manner == Manner.Burn) {
            // An invalid instruction takes all the gas that there is.
            assembly {
                invalid()
            }
        }
        (uint256 word, uint256 size) = (next.word, next.size);
        bool fails = next.manner == Manner.Revert;
        assembly {
            // Past the free memory pointer all is zero.
            let pointer := mload(0x40)
            mstore(pointer, word)
            if fails {
                revert(pointer, size)
            }
            return(pointer, size)
        }
    }
}

/// @dev What a company does to its token: everybody waits, or one address does.
contract GuardedToken is ERC20("Guarded", "GUA") {
    bool public paused;
    mapping(address holder => bool) public blocked;

    error Paused();
    error Blocked(address holder);

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function pause(bool state) external {
        paused = state;
    }

    function blockHolder(address holder, bool state) external {
        blocked[holder] = state;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (paused) revert Paused();
        if (blocked[to]) revert Blocked(to);
        if (blocked[from]) revert Blocked(from);
        super._update(from, to, amount);
    }
}

/// @dev Calls what it was armed with, before and after the money of a transfer moves.
contract ReentrantToken is ERC20("Reentrant", "REE"), Reentrant {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function approveFor(address spender) external {
        _approve(address(this), spender, type(uint256).max);
    }

    function _update(address from, address to, uint256 amount) internal override {
        bool passes = from != address(0) && to != address(0);
        if (passes) _reenter();
        super._update(from, to, amount);
        if (passes) _reenter();
    }
}

/// @dev Calls back from where only reading is allowed.
contract ReentrantBalanceToken is ERC20("Balance", "BAL") {
    error DoorOpened();

    IDepository private _depository;
    bytes private _call;

    function arm(IDepository depository, bytes calldata data) external {
        (_depository, _call) = (depository, data);
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (_call.length != 0) {
            (bool success, ) = address(_depository).staticcall(_call);
            if (success) revert DoorOpened();
        }
        return super.balanceOf(account);
    }
}

/// @dev Two tokens of one contract; a tenth of every transfer of id 2 is kept.
contract MultiToken is ERC1155("") {
    uint256 public constant WITH_FEE = 2;

    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount, "");
    }

    function _update(
        address from,
        address to,
        uint256[] memory tokens,
        uint256[] memory amounts
    ) internal override {
        super._update(from, to, tokens, amounts);
        if (from == address(0) || to == address(0) || tokens[0] != WITH_FEE) return;
        uint256[] memory fees = new uint256[](1);
        fees[0] = amounts[0] / 10;
        super._update(to, address(1), tokens, fees);
    }
}

/// @dev Has the approval of an owner, as the Depository has, and the same balances under both
/// kinds: what comes in under one of them is not there under the other.
contract TwoFacedToken is ERC20("Two", "TWO") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function balanceOf(address account, uint256) external view returns (uint256) {
        return balanceOf(account);
    }

    function safeTransferFrom(
        address from,
        address to,
        uint256,
        uint256 amount,
        bytes calldata
    ) external {
        if (from != msg.sender) _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount);
    }
}
