// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A stranger that is called while the Depository works: calls it back, and looks around.
abstract contract Reentrant {
    /// @dev What the Depository shows of one reserve and token, and what it holds.
    struct Sight {
        uint256 reserve;
        uint256 total;
        uint256 held;
    }

    IDepository private _depository;
    bytes[] private _calls;
    bytes[] private _answers;
    Sight[] private _sights;
    bytes32 private _entity;
    uint32 private _token;
    bool private _insists;

    /// @param calls What to call; each time anew.
    /// @param insists Whether a refusal is passed on, so that the transfer fails.
    function arm(IDepository depository, bytes[] memory calls, bool insists) external {
        (_depository, _calls, _insists) = (depository, calls, insists);
    }

    /// @dev The token is an ERC-20.
    function watch(IDepository depository, bytes32 entity, uint32 token) external {
        (_depository, _entity, _token) = (depository, entity, token);
    }

    /// @return What the Depository answered to the calls, one after the other; successes alone
    /// are empty.
    function answers() external view returns (bytes[] memory) {
        return _answers;
    }

    function sights() external view returns (Sight[] memory) {
        return _sights;
    }

    function _reenter() internal {
        for (uint256 i = 0; i < _calls.length; ++i) {
            (bool success, bytes memory answer) = address(_depository).call(_calls[i]);
            if (!success && _insists) {
                assembly {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
            _answers.push(success ? bytes("") : answer);
        }
        if (_token == 0) return;
        (, address asset, , uint128 total) = _depository.tokenOf(_token);
        uint256 held = IERC20(asset).balanceOf(address(_depository));
        _sights.push(Sight(_depository.reserveOf(_entity, _token), total, held));
    }
}

/// @dev A contract that takes ERC-1155 tokens, after it has called back.
contract ReentrantHolder is Reentrant, ERC165, IERC1155Receiver {
    function onERC1155Received(
        address,
        address,
        uint256,
        uint256,
        bytes calldata
    ) external returns (bytes4) {
        _reenter();
        return IERC1155Receiver.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external pure returns (bytes4) {
        return 0;
    }
}

/// @dev A contract that has no notion of tokens.
contract Stranger {}
