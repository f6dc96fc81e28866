// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {Batch} from "../../../contracts/type/Operation.sol";
import {BoardFixture} from "./BoardFixture.sol";

/// @title What the invariants of boards let happen: one number whose board goes from party to
/// party, another one whose board it is, and money of both.
/// @dev `tenures` is what should have happened, kept by its own arithmetic.
contract BoardHandler is BoardFixture {
    enum Kind {
        Payment,
        NestedPayment,
        Refusal,
        Proposal,
        Cancellation,
        Retired
    }

    struct TenureOf {
        uint256 party;
        uint256 since;
    }

    uint64 public number;
    uint64 private _outer;
    TenureOf[] private _tenures;
    mapping(Kind => uint256) public landed;
    mapping(bytes32 entity => uint64) public batches;
    uint64 public actions;

    /// @dev Set for ever when somebody could sign who should not, or could not who should.
    bool public wrongBoard;

    constructor() {
        deploy();
        number = registerSole(0);
        _outer = provider.registerEntity(boardHash(sole(entityOf(number))));
        _tenures.push(TenureOf(0, 0));
        assets[0].mint(address(this), 2 * HELD);
        assets[0].approve(address(depository), 2 * HELD);
        depository.deposit(entityOf(number), 1, uint128(HELD));
        depository.deposit(entityOf(_outer), 1, uint128(HELD));
    }

    function target() external view returns (IDepository, IEntityProvider) {
        return (depository, provider);
    }

    function entities() external view returns (bytes32, bytes32) {
        return (entityOf(number), entityOf(_outer));
    }

    function tenureCount() external view returns (uint256) {
        return _tenures.length;
    }

    function tenureAt(uint256 index) external view returns (bytes32, uint256) {
        return (hashOf(_tenures[index].party), _tenures[index].since);
    }

    /// @param nested Whether the money is the other number's, for which this one signs.
    function pay(uint256 party, uint256 amount, bool nested) external {
        party %= PARTIES;
        bytes32 entity = entityOf(nested ? _outer : number);
        Batch memory batch = Batch(
            entity,
            depository.nonceOf(entity),
            FAR,
            payment(1, ids[0], uint128(bound(amount, 1, 10)))
        );
        bytes32 digest = depository.batchDigest(batch);
        bytes memory signature =
            nested ? _signNested(party, entity, digest) : signSole(party, entity, digest);
        bool should = party == _tenures[_indexAt(block.timestamp)].party;
        try depository.processBatch(batch, signature) {
            ++landed[nested ? Kind.NestedPayment : Kind.Payment];
            ++batches[entity];
            if (!should) wrongBoard = true;
        } catch {
            ++landed[Kind.Refusal];
            if (should) wrongBoard = true;
        }
    }

    function proposeNext(uint256 party, uint256 incoming) external {
        (party, incoming) = (party % PARTIES, incoming % PARTIES);
        bool should = party == _tenures[_indexAt(block.timestamp)].party && !_isPending();
        bytes memory signature = replacement(party, number, hashOf(incoming));
        try provider.proposeBoard(number, hashOf(incoming), signature) {
            ++landed[Kind.Proposal];
            ++actions;
            _tenures.push(TenureOf(incoming, block.timestamp + DELAY));
            if (!should) wrongBoard = true;
        } catch {
            if (should) wrongBoard = true;
        }
    }

    function cancelNext(uint256 party) external {
        party %= PARTIES;
        bool should = party == _tenures[_indexAt(block.timestamp)].party && _isPending();
        try provider.cancelBoard(number, cancellation(party, number)) {
            ++landed[Kind.Cancellation];
            ++actions;
            if (!should) wrongBoard = true;
            else _tenures.pop();
        } catch {
            if (should) wrongBoard = true;
        }
    }

    /// @param back How long ago what is proved began.
    function prove(uint256 party, uint256 back) external {
        party %= PARTIES;
        uint256 span = block.timestamp < 3 * DELAY ? block.timestamp : 3 * DELAY;
        uint256 asOf = block.timestamp - (back % span);
        uint256 index = _indexAt(asOf);
        uint256 expected = 0;
        if (_tenures[index].party == party) expected = 1;
        else if (
            index != 0 && asOf < _tenures[index].since + GRACE && _tenures[index - 1].party == party
        ) expected = 2;
        if (countsAsOf(party, number, asOf) != expected) wrongBoard = true;
        if (expected == 2) ++landed[Kind.Retired];
    }

    function pass(uint256 time) external {
        VM.warp(block.timestamp + bound(time, 1, DELAY));
    }

    function _signNested(
        uint256 party,
        bytes32 entity,
        bytes32 digest
    ) private view returns (bytes memory) {
        bytes memory inner = nestSole(party, entity, digest);
        return outermost(sole(entityOf(number)), signatures(0, inner));
    }

    function _indexAt(uint256 time) private view returns (uint256 index) {
        index = _tenures.length - 1;
        while (_tenures[index].since > time) --index;
    }

    function _isPending() private view returns (bool) {
        return _tenures[_tenures.length - 1].since > block.timestamp;
    }
}
