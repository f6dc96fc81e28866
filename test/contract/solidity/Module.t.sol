// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IEnforcement} from "../../../contracts/interface/IEnforcement.sol";
import {DebtSweep, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch} from "../../../contracts/type/Operation.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title What fits together at deployment, and the module that does nothing by itself.
contract ModuleTest is DisputeFixture {
    using EnforcementBuild for Enforcement;

    function setUp() public {
        deploy();
        VM.warp(1_000_000);
    }

    /// @dev DIS-2: a window has a length, and the bounds are in order.
    function test_DIS2_WindowBoundsInvalid() public {
        _refuseBounds(0, 1);
        _refuseBounds(0, 0);
        _refuseBounds(3, 2);
        _createModule(address(provider), 2, 2);
    }

    /// @dev ENT-5: a module of other boards would judge proofs by them.
    function test_ENT5_ModuleOfAnotherProvider() public {
        address other = create("EntityProvider.sol:EntityProvider", abi.encode(DELAY, GRACE));
        address module = _createModule(other, MIN_WINDOW, MAX_WINDOW);
        bytes4 selector = Errors.ModuleOfAnotherProvider.selector;
        try this.createDepository(address(provider), module) {
            revert NotTrue("accepted");
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(selector, provider, other);
            assertEq(keccak256(reason), keccak256(expected));
        }
        this.createDepository(other, module);
    }

    /// @dev DIS-5: whoever calls the module itself writes no dispute and no debt, not even there.
    function test_DIS5_ModuleOnly() public {
        IEnforcement module = IEnforcement(depository.enforcement());
        Claim memory proof = claim(5, 100);
        Live memory live = Live(windowOf(BY_LEFT, 1), hashOf(proof));
        Enforcement memory empty;
        Enforcement memory one;
        putCounter(one, live, proof, 0, 1);
        putFinalisation(one, live, proof);
        Batch memory batch = batchOf(0, empty.alone());
        bytes[5] memory calls = [
            abi.encodeCall(module.enforce, (empty)),
            abi.encodeCall(module.enforceBatch, (batch, "")),
            abi.encodeCall(module.enforceDebts, (new DebtSweep[](0), new bytes32[](0))),
            abi.encodeCall(module.counter, (one.counters[0], proof.rows, "", one.signatures)),
            abi.encodeCall(module.finalise, (one.finalisations[0], proof.rows, "", new uint32[](0)))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory reason) = address(module).call(calls[i]);
            assertTrue(!success, "refused");
            assertEq(bytes32(bytes4(reason)), bytes32(Errors.ModuleOnly.selector));
        }
    }

    function createDepository(address boards, address module) external {
        create("Depository.sol:Depository", abi.encode(boards, module));
    }

    function createModule(address boards, uint32 shortest, uint32 longest) external {
        _createModule(boards, shortest, longest);
    }

    function _createModule(
        address boards,
        uint32 shortest,
        uint32 longest
    ) private returns (address) {
        return create("Enforcement.sol:Enforcement", abi.encode(boards, shortest, longest));
    }

    function _refuseBounds(uint32 shortest, uint32 longest) private {
        bytes4 selector = Errors.WindowBoundsInvalid.selector;
        try this.createModule(address(provider), shortest, longest) {
            revert NotTrue("accepted");
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(selector, shortest, longest);
            assertEq(keccak256(reason), keccak256(expected));
        }
    }
}
