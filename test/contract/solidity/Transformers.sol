// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {ITransformer} from "../../../contracts/interface/ITransformer.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";

/// @dev Answers with the words that it is given.
contract Echo {
    fallback(bytes calldata input) external returns (bytes memory) {
        return abi.decode(input[4:], (bytes));
    }
}

/// @dev Changes by how much gas it had when it began.
contract GasMeter is ITransformer {
    function transform(bytes calldata) external view returns (int256) {
        return int256(gasleft());
    }
}

/// @dev Changes by 7, if it had most of 100,000 gas when it began.
contract Hungry is ITransformer {
    function transform(bytes calldata) external view returns (int256) {
        return gasleft() > 99_000 ? int256(7) : int256(0);
    }
}

/// @dev Spends all of its gas.
contract Burner is ITransformer {
    function transform(bytes calldata) external pure returns (int256 change) {
        while (true) ++change;
    }
}

contract Reverter is ITransformer {
    error Never();

    function transform(bytes calldata) external pure returns (int256) {
        revert Never();
    }
}

/// @dev Returns, or reverts with, as much as its gas pays for.
contract Bomb {
    fallback() external {
        assembly {
            if gt(calldatasize(), 100) {
                revert(0, 400000)
            }
            return(0, 400000)
        }
    }
}

/// @dev Tries to come back, and to change something.
contract Intruder is ITransformer {
    IDepository private immutable _DEPOSITORY;

    constructor(IDepository depository) {
        _DEPOSITORY = depository;
    }

    /// @return change 1 if it got in.
    function transform(bytes calldata) external view returns (int256 change) {
        Enforcement memory empty;
        bytes memory data = abi.encodeCall(IDepository.enforce, (empty));
        (bool success, ) = address(_DEPOSITORY).staticcall{gas: 100_000}(data);
        return success ? int256(1) : int256(0);
    }
}

/// @dev Tries to write its own storage, which a static call forbids.
contract Writer {
    uint256 public calls;

    function transform(bytes calldata) external returns (int256) {
        ++calls;
        return 1;
    }
}

/// @dev Answers whether its caller sent nothing but the payload.
contract Witness is ITransformer {
    function transform(bytes calldata payload) external pure returns (int256) {
        bytes memory whole = abi.encodeCall(ITransformer.transform, (payload));
        return keccak256(whole) == keccak256(msg.data) ? int256(1) : int256(0);
    }
}
