// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A log as the cheat codes report it.
struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
}

/// @dev The cheat codes that these tests use.
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata revertData) external;
    function expectRevert() external;
    function expectEmit(
        bool firstTopic,
        bool secondTopic,
        bool thirdTopic,
        bool data,
        address emitter
    ) external;
    function roll(uint256 blockNumber) external;
    function prank(address sender) external;
    function sign(
        uint256 key,
        bytes32 digest
    ) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function etch(address target, bytes calldata code) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
}

/// @title What every Solidity test needs, without forge-std.
abstract contract Test {
    Vm internal constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotEqual(uint256 actual, uint256 expected);
    error NotTrue(string what);

    /// @dev Deploys what the ordinary build made of a contract in contracts/, with no need to
    /// import and compile it again. Reverts with what the constructor reverts with.
    function create(
        string memory artifact,
        bytes memory arguments
    ) internal returns (address created) {
        bytes memory code = bytes.concat(VM.getCode(artifact), arguments);
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            if iszero(created) {
                let pointer := mload(0x40)
                returndatacopy(pointer, 0, returndatasize())
                revert(pointer, returndatasize())
            }
        }
    }

    function assertEq(uint256 actual, uint256 expected) internal pure {
        if (actual != expected) revert NotEqual(actual, expected);
    }

    function assertEq(int256 actual, int256 expected) internal pure {
        if (actual != expected) revert NotEqual(uint256(actual), uint256(expected));
    }

    function assertEq(bytes32 actual, bytes32 expected) internal pure {
        if (actual != expected) revert NotEqual(uint256(actual), uint256(expected));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @return A number from `low` to `high`, both included.
    function bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + (x % (high - low + 1));
    }
}
