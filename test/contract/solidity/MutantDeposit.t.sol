// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Permit, SignedDeposit} from "../../../contracts/type/Deposit.sol";
import {Batch, Operations, Settlements, Withdrawals} from "../../../contracts/type/Operation.sol";
import {Head} from "./Fixture.sol";
import {ProcessingFixture} from "./ProcessingFixture.sol";

/// @dev Counts how often it is handed a permit, whatever it says.
abstract contract CountsPermits {
    uint256 public permits;

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        ++permits;
    }
}

contract CountingToken is ERC20("Counting", "CNT"), CountsPermits {
    constructor(address to) {
        _mint(to, 100);
    }
}

contract CountingMultiToken is ERC1155(""), CountsPermits {
    constructor(address to) {
        _mint(to, 0, 100, "");
    }
}

/// @dev Stands in an EntityProvider's place, and runs out of gas in an inner call: it refuses, but
/// says nothing.
contract MuteProvider {
    uint32 public delay = 1_296_000;
    uint32 public grace = 1_209_600;
    uint64 public entityCount = 9;

    fallback() external {
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }
}

/// @dev Stands there, too, and refuses at length.
contract VerboseProvider {
    uint32 public delay = 1_296_000;
    uint32 public grace = 1_209_600;
    uint64 public entityCount = 9;

    function verify(bytes32, bytes32, bytes calldata) external pure returns (uint256) {
        bytes memory reason = wordsOf(1000);
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function wordsOf(uint256 length) public pure returns (bytes memory words) {
        words = new bytes(length);
        for (uint256 i = 0; i < length; ++i) words[i] = bytes1(uint8(i + 1));
    }
}

/// @title DEP-1 to DEP-4: faults in deposits, withdrawals and batches that mutation found and no
/// other test did.
contract MutantDepositTest is ProcessingFixture {
    function setUp() public {
        deploy();
    }

    /// @dev A permit is tried if there is one, and of an ERC-20 alone: nothing else is called.
    function test_DEP1_Permit_OnlyWhereThereIsOne() public {
        address owner = VM.addr(keys[0]);
        CountingToken asset = new CountingToken(owner);
        uint32 token = depository.registerToken(1, address(asset), 0);
        VM.prank(owner);
        asset.approve(address(depository), 100);
        _deposit(token, 0, Permit(5, FAR, 0, 0, 0));
        assertEq(asset.permits(), 0);
        _deposit(token, 1, Permit(5, FAR, 27, 0, 0));
        assertEq(asset.permits(), 1);

        CountingMultiToken multi = new CountingMultiToken(owner);
        token = depository.registerToken(2, address(multi), 0);
        VM.prank(owner);
        multi.setApprovalForAll(address(depository), true);
        _deposit(token, 2, Permit(5, FAR, 27, 0, 0));
        assertEq(multi.permits(), 0);
    }

    /// @dev DEP-2: a withdrawal of nothing asks for no token, so it fails for none.
    function test_DEP2_AWithdrawalOfNothing() public {
        Operations memory operations;
        operations.withdrawals = new Withdrawals[](1);
        operations.withdrawals[0].token = 9;
        submit(0, operations);
        assertEq(depository.nonceOf(ids[0]), 1);
    }

    /// @dev ENT-3: a refusal without a word is too little gas, and never a signature.
    function test_ENT3_ARefusalWithoutAReasonIsNoSignature() public {
        _deployOn(address(new MuteProvider()));
        Operations memory operations;
        Batch memory batch = Batch(bytes32(uint256(5)), 0, FAR, operations);
        (bool success, bytes memory reason) = address(depository).call(
            abi.encodeCall(depository.processBatch, (batch, new bytes(65)))
        );
        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(Errors.GasTooLow.selector));
    }

    /// @dev DEP-4: what is reported of a skipped settlement has a bound, whoever refused it.
    function test_DEP4_AReportHasABound() public {
        VerboseProvider verbose = new VerboseProvider();
        _deployOn(address(verbose));
        depository.registerToken(1, address(assets[0]), 0);
        Settlements memory list;
        list.entities = new bytes32[](2);
        (list.entities[0], list.entities[1]) = (bytes32(uint256(5)), ids[0]);
        list.tokens = new uint32[](1);
        list.tokens[0] = 1;
        list.heads = new uint256[](1);
        list.heads[0] = packHead(Head(0, 1, 0, 1, FAR, 1, 65, 65));
        list.diffs = new uint256[](1);
        list.signatures = new bytes(130);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.SettlementSkipped(list.entities[0], ids[0], 0, 1, verbose.wordsOf(256));
        depository.settleDiffs(list);
    }

    /// @dev DEP-3: when shares are too small to report by, the call fails; no batch is passed over.
    function test_DEP3_ShareTooSmall() public {
        bytes memory data = abi.encodeCall(depository.processBatches, (empties(3)));
        uint256 refusals = 0;
        for (uint256 gas = 20_000; gas < 60_000; gas += 2000) {
            (bool success, bytes memory reason) = address(depository).call{gas: gas}(data);
            if (!success && bytes4(reason) == Errors.GasTooLow.selector) ++refusals;
        }
        assertTrue(refusals != 0, "gas too low");
    }

    /// @dev The contracts again, on another provider.
    function _deployOn(address other) private {
        address module = create(
            "Enforcement.sol:Enforcement",
            abi.encode(other, MIN_WINDOW, MAX_WINDOW)
        );
        depository = IDepository(create("Depository.sol:Depository", abi.encode(other, module)));
    }

    function _deposit(uint32 token, uint256 nonce, Permit memory permit) private {
        SignedDeposit memory order = SignedDeposit(ids[3], token, 5, nonce, FAR);
        bytes memory signature = signHash(keys[0], orderDigest(order));
        depository.depositSigned(order, VM.addr(keys[0]), signature, permit);
        assertEq(depository.reserveOf(ids[3], token), nonce == 1 ? 10 : 5);
    }
}
