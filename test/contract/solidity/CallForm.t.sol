// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {DebtSweep, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch, Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {PlanFixture} from "./PlanFixture.sol";

/// @title DEP-8: calls that are cut short anywhere, or carry more than they say. Lists of batches
/// are in ProcessingGas.t.sol.
contract CallFormTest is DisputeFixture, PlanFixture {
    using EnforcementBuild for Enforcement;

    uint256 private constant WORD = 32;

    Live private _live;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
        _live = start(0, claim(5, 100));
    }

    function test_DEP8_ABatchCutShort() public {
        _cutEverywhere(_batchData(_operations()), 31);
    }

    function test_DEP8_SettlementsCutShort() public {
        _cutEverywhere(abi.encodeCall(depository.settleDiffs, (_settlements())), 0);
    }

    function test_DEP8_APlanCutShort() public {
        Draft memory plan = certified(add(draft(4), pays(2, 3, 10)));
        _cutEverywhere(abi.encodeCall(depository.commitPlan, (plan.terms, plan.list)), 0);
    }

    function test_DEP8_AnEnforcementCutShort() public {
        Enforcement memory enforcement = _counter();
        enforcement.addPreimage(keccak256("preimage"));
        _cutEverywhere(abi.encodeCall(depository.enforce, (enforcement)), 0);
    }

    function test_DEP8_ACounterCutShort() public {
        Enforcement memory e = _counter();
        bytes memory data = abi.encodeCall(
            depository.counter,
            (e.counters[0], e.rows, e.conditions, e.signatures)
        );
        // What pads the last word may be missing.
        _cutEverywhere(data, 30);
    }

    function test_DEP8_AFinalisationCutShort() public {
        Enforcement memory e;
        putFinalisation(e, _live, claim(5, 100));
        passWindow(_live);
        e.finalisations[0].tokens = 1;
        uint32[] memory tokens = new uint32[](1);
        tokens[0] = 2;
        bytes memory data = abi.encodeCall(
            depository.finalise,
            (e.finalisations[0], e.rows, e.conditions, tokens)
        );
        _cutEverywhere(data, 0);
    }

    function test_DEP8_ASweepCutShort() public {
        DebtSweep[] memory sweeps = new DebtSweep[](1);
        sweeps[0] = DebtSweep(ids[0], 1, 0);
        _cutEverywhere(abi.encodeCall(depository.enforceDebts, (sweeps, new bytes32[](0))), 0);
    }

    /// @dev DEP-8: what the walk does not reach, a batch does not carry.
    function test_DEP8_AnEnforcementWithMore() public {
        bytes memory data = abi.encodeCall(depository.enforce, (_counter()));
        refuseCall(bytes.concat(data, hex"00"), Errors.LayoutNotCanonical.selector);
        refuseCall(bytes.concat(data, new bytes(WORD)), Errors.LayoutNotCanonical.selector);
        (bool success, ) = address(depository).call(data);
        assertTrue(success, "as it is");
    }

    /// @dev DEP-8: nothing lies between the operations and the signature over them; where the
    /// batch ends in an enforcement, all up to there is what was signed.
    function test_DEP8_ABatchWithMore() public {
        Operations memory bare = payment(1, ids[1], 1);
        refuseCall(_widened(_batchData(bare)), Errors.LayoutNotCanonical.selector);
        refuseCall(_widened(_batchData(_operations())), Errors.SignatureInvalid.selector);
    }

    /// @dev DEP-8: a list that says that it has as many items as fit a word.
    function test_DEP8_LengthsThatWouldWrap() public {
        bytes memory data = abi.encodeCall(depository.settleDiffs, (_settlements()));
        for (uint256 i = 4 + 7 * WORD; i + WORD <= data.length; i += WORD) {
            uint256 word = _word(data, i);
            if (word == 0 || word > 256) continue;
            for (uint256 shift = 0; shift < 6; ++shift) {
                _setWord(data, i, word + (uint256(1) << (256 - shift * 5 - 5)));
                (bool success, ) = address(depository).call(data);
                assertTrue(!success, "refused");
            }
            _setWord(data, i, word);
        }
    }

    function _settlements() private view returns (Settlements memory list) {
        list = listOf(1, true);
        put(list, 0, 2, 3, 1, 1, -5, 5);
    }

    function _operations() private view returns (Operations memory operations) {
        operations = payment(1, ids[1], 1);
        operations.enforcements = _counter().alone().enforcements;
    }

    function _counter() private view returns (Enforcement memory enforcement) {
        putCounter(enforcement, _live, claim(6, 90), 0, 1);
    }

    function _batchData(Operations memory operations) private view returns (bytes memory) {
        Batch memory batch = batchOf(0, operations);
        return abi.encodeCall(depository.processBatch, (batch, signBatch(0, batch)));
    }

    /// @param padding How many of the last bytes mean nothing.
    function _cutEverywhere(bytes memory data, uint256 padding) private {
        uint256 length = data.length;
        for (uint256 cut = padding + 1; cut <= length; cut += cut == padding + 1 ? 1 : 16) {
            assembly {
                mstore(data, sub(length, cut))
            }
            (bool success, ) = address(depository).call(data);
            assertTrue(!success, "cut short");
        }
        assembly {
            mstore(data, length)
        }
        (bool whole, ) = address(depository).call(data);
        assertTrue(whole, "whole");
    }

    /// @dev A word more before the signature, which lies in the last four.
    function _widened(bytes memory data) private pure returns (bytes memory wide) {
        uint256 split = data.length - 4 * WORD;
        wide = new bytes(data.length + WORD);
        for (uint256 i = 0; i < data.length; ++i) wide[i < split ? i : i + WORD] = data[i];
        _setWord(wide, 4 + WORD, _word(wide, 4 + WORD) + WORD);
    }

    function _word(bytes memory data, uint256 place) private pure returns (uint256 word) {
        assembly {
            word := mload(add(add(data, 0x20), place))
        }
    }

    function _setWord(bytes memory data, uint256 place, uint256 word) private pure {
        assembly {
            mstore(add(add(data, 0x20), place), word)
        }
    }
}
