// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IDepository} from "../../../contracts/interface/IDepository.sol";

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

/// @dev Calls back into the Depository while it is being pulled.
contract ReentrantToken is ERC20("Reentrant", "REE") {
    IDepository private _depository;

    function arm(IDepository depository) external {
        _depository = depository;
        _mint(msg.sender, 1000);
        _approve(address(this), address(depository), 1000);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _depository.deposit(bytes32(uint256(uint160(address(this)))), 3, 1);
        return super.transferFrom(from, to, amount);
    }
}
