// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../interface/IEntityProvider.sol";
import {Identity} from "./Identity.sol";

/// @title Which board a number had at what time (ENT-5, ENT-6).
/// @dev A replacement is written once, when it is proposed, with the time from which it counts:
/// nothing has to be done then. A tenure counts from `since`, that second included, until the
/// next one's `since`, that second excluded.
library Tenures {
    struct Tenure {
        bytes32 boardHash;
        uint64 since;
    }

    /// @dev `heads` holds a number's only board, while it has had no other, so that one slot
    /// tells. Then it holds `since:64 | index:64` of the last tenure, which is below every
    /// board's hash. The first tenure is since zero: who could sign before has not changed.
    struct State {
        uint64 count;
        mapping(uint256 number => uint256) heads;
        mapping(uint256 number => mapping(uint256 index => Tenure)) tenures;
    }

    function give(State storage self, bytes32 boardHash) internal returns (uint64 number) {
        _requireHash(boardHash);
        number = ++self.count;
        self.heads[number] = uint256(boardHash);
    }

    /// @param since Not before now; no other replacement is pending.
    function append(State storage self, uint64 number, bytes32 boardHash, uint64 since) internal {
        _requireHash(boardHash);
        uint256 head = self.heads[number];
        mapping(uint256 => Tenure) storage tenures = self.tenures[number];
        if (_isOnly(head)) {
            tenures[0].boardHash = bytes32(head);
            head = 0;
        }
        uint256 index = uint64(head) + 1;
        tenures[index] = Tenure(boardHash, since);
        self.heads[number] = (uint256(since) << 64) | index;
    }

    /// @notice Takes the last tenure back; it is not the first one. What is left of it lies beyond
    /// the last index until the next one is written over it.
    /// @return boardHash Whose it was.
    function removeLast(State storage self, uint64 number) internal returns (bytes32 boardHash) {
        mapping(uint256 => Tenure) storage tenures = self.tenures[number];
        uint256 index = uint64(self.heads[number]);
        boardHash = tenures[index].boardHash;
        Tenure storage previous = tenures[--index];
        self.heads[number] =
            index == 0 ? uint256(previous.boardHash) : (uint256(previous.since) << 64) | index;
    }

    /// @return index Of the last tenure, pending or not.
    /// @return since From when it counts.
    function last(
        State storage self,
        uint64 number
    ) internal view returns (uint256 index, uint256 since) {
        uint256 head = self.heads[number];
        if (head == 0) revert IEntityProvider.NumberNotGiven(number);
        return _isOnly(head) ? (0, 0) : (uint64(head), head >> 64);
    }

    /// @return index Of the tenure that counts at that time.
    /// @return since From when.
    function countingAt(
        State storage self,
        uint64 number,
        uint256 time
    ) internal view returns (uint256 index, uint256 since) {
        (index, since) = last(self, number);
        while (since > time) since = self.tenures[number][--index].since;
    }

    function hashAt(
        State storage self,
        uint64 number,
        uint256 index
    ) internal view returns (bytes32) {
        uint256 head = self.heads[number];
        return _isOnly(head) ? bytes32(head) : self.tenures[number][index].boardHash;
    }

    /// @param grace How long a previous board counts; zero if only the current one does.
    /// @return stands Whether the board counts for the number at that time.
    /// @return retired Whether it counts as the previous one only.
    function standing(
        State storage self,
        uint64 number,
        bytes32 boardHash,
        uint256 time,
        uint256 grace
    ) internal view returns (bool stands, bool retired) {
        (uint256 index, uint256 since) = countingAt(self, number, time);
        if (hashAt(self, number, index) == boardHash) return (true, false);
        retired =
            index != 0 &&
            time < since + grace &&
            hashAt(self, number, index - 1) == boardHash;
        return (retired, retired);
    }

    function _isOnly(uint256 head) private pure returns (bool) {
        return Identity.isLazy(bytes32(head));
    }

    /// @dev A board's hash is a lazy id, so it is in their range.
    function _requireHash(bytes32 boardHash) private pure {
        if (!Identity.isLazy(boardHash)) revert IEntityProvider.BoardHashInvalid(boardHash);
    }
}
