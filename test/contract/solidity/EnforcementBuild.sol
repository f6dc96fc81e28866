// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BodyRow,
    DisputeCounter,
    DisputeStart,
    Enforcement,
    Fill,
    Finalisation
} from "../../../contracts/type/Enforcement.sol";
import {Operations} from "../../../contracts/type/Operation.sol";

/// @title Appends to the lists and pools of an enforcement in memory.
library EnforcementBuild {
    function add(Enforcement memory self, DisputeStart memory item) internal pure {
        DisputeStart[] memory list = new DisputeStart[](self.starts.length + 1);
        for (uint256 i = 0; i < self.starts.length; ++i) list[i] = self.starts[i];
        list[self.starts.length] = item;
        self.starts = list;
    }

    function add(Enforcement memory self, DisputeCounter memory item) internal pure {
        DisputeCounter[] memory list = new DisputeCounter[](self.counters.length + 1);
        for (uint256 i = 0; i < self.counters.length; ++i) list[i] = self.counters[i];
        list[self.counters.length] = item;
        self.counters = list;
    }

    function add(Enforcement memory self, Finalisation memory item) internal pure {
        Finalisation[] memory list = new Finalisation[](self.finalisations.length + 1);
        for (uint256 i = 0; i < self.finalisations.length; ++i) list[i] = self.finalisations[i];
        list[self.finalisations.length] = item;
        self.finalisations = list;
    }

    function add(Enforcement memory self, Fill memory item) internal pure {
        Fill[] memory list = new Fill[](self.fills.length + 1);
        for (uint256 i = 0; i < self.fills.length; ++i) list[i] = self.fills[i];
        list[self.fills.length] = item;
        self.fills = list;
    }

    function addPreimage(Enforcement memory self, bytes32 preimage) internal pure {
        bytes32[] memory list = new bytes32[](self.preimages.length + 1);
        for (uint256 i = 0; i < self.preimages.length; ++i) list[i] = self.preimages[i];
        list[self.preimages.length] = preimage;
        self.preimages = list;
    }

    function addToken(Enforcement memory self, uint32 token) internal pure {
        uint32[] memory list = new uint32[](self.tokens.length + 1);
        for (uint256 i = 0; i < self.tokens.length; ++i) list[i] = self.tokens[i];
        list[self.tokens.length] = token;
        self.tokens = list;
    }

    function addRows(Enforcement memory self, BodyRow[] memory rows) internal pure {
        self.rows = concat(self.rows, rows);
    }

    function concat(
        BodyRow[] memory a,
        BodyRow[] memory b
    ) internal pure returns (BodyRow[] memory list) {
        list = new BodyRow[](a.length + b.length);
        for (uint256 i = 0; i < a.length; ++i) list[i] = a[i];
        for (uint256 i = 0; i < b.length; ++i) list[a.length + i] = b[i];
    }

    /// @return operations With this enforcement and nothing else.
    function alone(Enforcement memory self) internal pure returns (Operations memory operations) {
        operations.enforcements = new Enforcement[](1);
        operations.enforcements[0] = self;
    }
}
