// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract that is asked whether it signed, and answers as a test tells it.
contract Wallet {
    enum Answer {
        Approved,
        Yes,
        No,
        Refuses,
        Works,
        Burns,
        Bomb,
        Short,
        Dirty,
        Long,
        Empty
    }

    bytes32 private constant MAGIC =
        0x1626ba7e00000000000000000000000000000000000000000000000000000000;
    Answer private answer;
    bytes32 private approved;

    error Refused();

    function set(Answer next) external {
        answer = next;
    }

    /// @dev From now on it says yes to this question alone, whatever it costs to find that out.
    function approve(bytes32 hash, bytes calldata signature) external {
        approved = keccak256(abi.encode(abi.encode(hash, signature)));
        answer = Answer.Approved;
    }

    // solhint-disable-next-line no-complex-fallback
    fallback() external {
        if (answer == Answer.Refuses || bytes32(msg.sig) != MAGIC) revert Refused();
        if (answer == Answer.Approved) {
            bool same = keccak256(abi.encode(_question())) == approved;
            _return(same ? MAGIC : bytes32(0), 32);
        }
        if (answer == Answer.Yes) _return(MAGIC, 32);
        if (answer == Answer.No) _return(0, 32);
        if (answer == Answer.Short) _return(MAGIC, 31);
        if (answer == Answer.Dirty) _return(MAGIC | bytes32(uint256(1)), 32);
        if (answer == Answer.Long) _return(MAGIC, 4096);
        if (answer == Answer.Bomb) _return(0, 100_000);
        if (answer == Answer.Works) _work();
        if (answer == Answer.Burns) while (true) approved.length;
    }

    /// @dev Says yes after 120 k of gas; with less it fails.
    function _work() private view {
        uint256 floor = gasleft() - 120_000;
        while (gasleft() > floor) approved.length;
        _return(MAGIC, 32);
    }

    function _question() private pure returns (bytes memory) {
        (bytes32 hash, bytes memory signature) = abi.decode(msg.data[4:], (bytes32, bytes));
        return abi.encode(hash, signature);
    }

    function _return(bytes32 word, uint256 size) private pure {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, word)
            return(pointer, size)
        }
    }
}
