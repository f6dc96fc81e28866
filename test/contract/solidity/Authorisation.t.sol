// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {Authorisation} from "../../../contracts/library/Authorisation.sol";
import {Book} from "../../../contracts/library/Book.sol";
import {RootSignature} from "../../../contracts/library/RootSignature.sol";
import {Board, Member, MemberSignature} from "../../../contracts/type/Board.sol";
import {
    Batch,
    CollateralRelease,
    Operations,
    Settlements
} from "../../../contracts/type/Operation.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {Head} from "./Fixture.sol";
import {Wallet} from "./Wallet.sol";

/// @dev Opens the library, with calldata and a gas of its own.
contract Judge {
    function objection(
        IEntityProvider provider,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (bytes memory reason, uint256 asked) {
        Book.Scope memory scope = Book.Scope(provider, 0, 0, 0);
        reason = Authorisation.objection(scope, entity, digest, signature);
        return (reason, scope.asked);
    }

    function objectionAsOf(
        IEntityProvider provider,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature,
        uint256 asOf
    ) external view returns (bytes memory reason, bool retired) {
        return Authorisation.objectionAsOf(provider, entity, digest, signature, asOf);
    }
}

/// @title ENT-3, ENT-5: what the Depository makes of signatures of keys, boards and contracts.
contract AuthorisationTest is BoardFixture {
    Judge private judge;
    Wallet private wallet;

    function setUp() public {
        deploy();
        fill();
        judge = new Judge();
        wallet = new Wallet();
        VM.warp(1_900_000_000);
    }

    // Proofs and certificates

    /// @dev Whatever code a key has, and whatever a contract says: only the key's signature counts.
    function test_ENT3_ProofsOfKeysAreNotAsked() public {
        wallet.set(Wallet.Answer.Yes);
        bytes32 entity = idOf(address(wallet));
        _assertAsOf(entity, "", _invalid(entity), false);
        _delegate(0, Wallet.Answer.No);
        _assertAsOf(ids[0], sign(keys[0], ids[0], DIGEST), "", false);
        _delegate(0, Wallet.Answer.Yes);
        _assertAsOf(ids[0], sign(keys[1], ids[0], DIGEST), _invalid(ids[0]), false);
    }

    function test_ENT5_ProofsOfBoardsAreJudgedAsOf() public {
        uint64 number = registerSole(0);
        bytes32 entity = entityOf(number);
        propose(0, number, 1);
        bytes memory old = signSole(0, entity, DIGEST);
        _assertAsOf(entity, old, "", false);
        VM.warp(block.timestamp + DELAY);
        _assertAsOf(entity, old, "", true);
        _assertAsOf(entity, signSole(1, entity, DIGEST), "", false);
        (bytes memory reason, ) = judge.objection(provider, entity, DIGEST, old);
        assertEq(keccak256(reason), keccak256(notOfEntity(0, entity)));
        VM.warp(block.timestamp + GRACE);
        _assertAsOf(entity, old, notOfEntity(0, entity), false);
        (reason, ) = judge.objectionAsOf(provider, entity, DIGEST, old, block.timestamp - 1);
        assertEq(reason.length, 0);
    }

    // Gas

    /// @dev Whatever gas is sent, a good signature is good or the call fails.
    function testFuzz_ENT3_NoGasMakesAnObjection(uint256 gas) public {
        gas = bound(gas, 30_000, 700_000);
        wallet.set(Wallet.Answer.Works);
        bytes32 contractId = idOf(address(wallet));
        _withGas(contractId, "", gas);
        Board memory board = boardOf(5, 4);
        _withGas(boardHash(board), signBoard(board, boardHash(board), DIGEST, 5), gas);
        board = sole(contractId);
        _withGas(boardHash(board), outermost(board, signatures(0, "")), gas);
    }

    function _withGas(bytes32 entity, bytes memory signature, uint256 gas) private view {
        try judge.objection{gas: gas}(provider, entity, DIGEST, signature) returns (
            bytes memory reason,
            uint256
        ) {
            assertEq(reason.length, 0);
        } catch (bytes memory failure) {
            bool low = bytes4(failure) == IDepositoryErrors.GasTooLow.selector;
            assertTrue(failure.length == 0 || low, "another error");
        }
    }

    function test_ENT3_GasTooLow() public view {
        bytes memory signature = signSole(0, hashOf(0), DIGEST);
        bytes4 selector = IDepositoryErrors.GasTooLow.selector;
        try judge.objection{gas: 60_000}(provider, hashOf(0), DIGEST, signature) {
            revert NotTrue("judged with too little gas");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == selector, "GasTooLow");
        }
    }

    /// @dev A key without code has nothing to be asked: that it did not sign shows with less gas
    /// than a contract may spend.
    function test_ENT3_AKeyWithoutCodeIsNotAsked() public view {
        bytes memory theirs = sign(keys[1], ids[0], DIGEST);
        bytes4 selector = IEntityProvider.KeySignatureInvalid.selector;
        _refuseCheaply(ids[0], theirs, abi.encodeWithSelector(selector, ids[0], DIGEST));
        theirs = outermost(sole(ids[0]), signatures(0, sign(keys[1], hashOf(0), DIGEST)));
        _refuseCheaply(hashOf(0), theirs, memberInvalid(0, hashOf(0), DIGEST));
    }

    function _refuseCheaply(
        bytes32 entity,
        bytes memory signature,
        bytes memory expected
    ) private view {
        try provider.verify{gas: 120_000}(entity, DIGEST, signature) {
            revert NotTrue("refused");
        } catch (bytes memory reason) {
            assertEq(keccak256(reason), keccak256(expected));
        }
    }

    /// @dev In a list that skips, too little gas fails the list: it skips nothing.
    function testFuzz_DEP4_NoGasSkipsASettlement(uint256 gas) public {
        gas = bound(gas, 150_000, 900_000);
        _delegate(0, Wallet.Answer.Works);
        Settlements memory list = listOf(1, false);
        put(list, 0, 0, 1, 1, 1, -5, 5);
        for (uint256 i = 0; i < 65; ++i) list.signatures[i] = 0;
        try depository.settleDiffs{gas: gas}(list) {
            (, uint64 number) = depository.accountOf(ids[0], ids[1]);
            assertEq(number, 1);
        } catch {
            assertTrue(gas < 600_000, "enough for all of it");
        }
    }

    // Contracts in the Depository

    function test_DEP2_AContractSignsItsBatch() public {
        bytes32 entity = idOf(address(wallet));
        assets[0].mint(address(this), 100);
        assets[0].approve(address(depository), 100);
        depository.deposit(entity, 1, 100);
        Batch memory batch = Batch(entity, 0, FAR, payment(1, ids[0], 60));
        bytes32 leaf = RootSignature.leaf(entity, depository.batchDigest(batch));
        wallet.approve(RootSignature.signingHash(leaf), "yes");
        bytes4 selector = IEntityProvider.KeySignatureInvalid.selector;
        bytes32 digest = depository.batchDigest(batch);
        VM.expectRevert(abi.encodeWithSelector(selector, entity, digest));
        depository.processBatch(batch, "no");
        depository.processBatch(batch, "yes");
        assertEq(depository.reserveOf(entity, 1), 40);
        assertEq(depository.nonceOf(entity), 1);
    }

    /// @dev An address without code is a key that did not sign: nobody else is asked.
    function test_DEP2_SignatureInvalid_AddressWithoutCode() public {
        Batch memory batch = batchOf(0, payment(1, ids[1], 1));
        bytes memory signature = sign(keys[1], ids[0], depository.batchDigest(batch));
        bytes4 selector = IDepositoryErrors.SignatureInvalid.selector;
        bytes32 digest = depository.batchDigest(batch);
        VM.expectRevert(abi.encodeWithSelector(selector, ids[0], digest));
        depository.processBatch(batch, signature);
    }

    /// @dev DEP-8: what contracts may spend counts, though who is one shows only when asked.
    function test_DEP8_BudgetExceeded_Contracts() public {
        Board memory board = _wallets(64);
        bytes32 entity = boardHash(board);
        bytes memory signature = outermost(board, _nothing(64));
        submit(0, funding(1, ids[0], entity, 100));
        submit(0, _releases(entity, 1, signature));
        assertEq(depository.reserveOf(ids[0], 1), HELD - 100 + 1);

        Batch memory two = batchOf(0, _releases(entity, 2, signature));
        bytes memory mine = signBatch(0, two);
        try depository.processBatch(two, mine) {
            revert NotTrue("128 contracts were asked");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == IDepositoryErrors.BudgetExceeded.selector, "budget");
        }
    }

    /// @dev DEP-8: what a contract has spent counts whatever it answered: in a list that skips,
    /// many refusals cost more than a call may. Few are no reason to refuse anything.
    function test_DEP8_BudgetExceeded_ContractsThatRefuse() public {
        Settlements memory list = _unsigned(_wallets(1).members[0].id, 90);
        address account = address(uint160(uint256(list.entities[0])));
        Wallet(account).set(Wallet.Answer.No);
        depository.settleDiffs(list);
        Wallet(account).set(Wallet.Answer.Burns);
        try depository.settleDiffs(list) {
            revert NotTrue("90 contracts burnt what they were given");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == IDepositoryErrors.BudgetExceeded.selector, "budget");
        }
        depository.settleDiffs(_unsigned(list.entities[0], 20));
    }

    /// @dev A list that skips, of settlements that the first side has not signed.
    function _unsigned(
        bytes32 first,
        uint256 count
    ) private view returns (Settlements memory list) {
        list.entities = new bytes32[](2);
        (list.entities[0], list.entities[1]) = (first, ids[0]);
        list.tokens = new uint32[](1);
        list.tokens[0] = 1;
        (list.heads, list.diffs) = (new uint256[](count), new uint256[](count));
        for (uint64 i = 0; i < count; ++i) {
            list.heads[i] = packHead(Head(0, 1, 0, i + 1, FAR, 1, 0, 0));
            list.diffs[i] = packDiff(1, -1);
        }
    }

    function _releases(
        bytes32 other,
        uint256 count,
        bytes memory signature
    ) private view returns (Operations memory operations) {
        operations = release(0, 1, 1, 1, 1);
        CollateralRelease[] memory releases = new CollateralRelease[](count);
        bytes memory all;
        uint64 number = depository.nonceOf(ids[0]);
        for (uint256 i = 0; i < count; ++i) {
            uint256 length = signature.length;
            releases[i] = CollateralRelease(other, 0, number + i, FAR, 1, length);
            all = bytes.concat(all, signature);
        }
        operations.collateralToReserve[0].releases = releases;
        operations.collateralToReserve[0].signatures = all;
    }

    /// @dev A board of so many contracts that say yes to everything.
    function _wallets(uint256 count) private returns (Board memory board) {
        board.threshold = uint32(count);
        board.members = new Member[](count);
        for (uint256 i = 0; i < count; ++i) {
            address account = address(uint160((uint256(1) << 150) + i));
            VM.etch(account, address(wallet).code);
            Wallet(account).set(Wallet.Answer.Yes);
            board.members[i] = Member(idOf(account), 1);
        }
    }

    function _nothing(uint256 count) private pure returns (MemberSignature[] memory list) {
        list = new MemberSignature[](count);
        for (uint256 i = 0; i < count; ++i) list[i].member = uint8(i);
    }

    function _delegate(uint256 party, Wallet.Answer answer) private {
        address account = VM.addr(keys[party]);
        VM.etch(account, abi.encodePacked(hex"ef0100", address(wallet)));
        Wallet(account).set(answer);
    }

    function _assertAsOf(
        bytes32 entity,
        bytes memory signature,
        bytes memory expected,
        bool replaced
    ) private view {
        (bytes memory reason, bool retired) = judge.objectionAsOf(
            provider,
            entity,
            DIGEST,
            signature,
            block.timestamp
        );
        assertEq(keccak256(reason), keccak256(expected));
        assertTrue(retired == replaced, "retired");
    }

    function _invalid(bytes32 entity) private pure returns (bytes memory) {
        bytes4 selector = IDepositoryErrors.SignatureInvalid.selector;
        return abi.encodeWithSelector(selector, entity, DIGEST);
    }
}
