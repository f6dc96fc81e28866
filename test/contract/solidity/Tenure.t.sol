// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {Board} from "../../../contracts/type/Board.sol";
import {BoardFixture} from "./BoardFixture.sol";

/// @title ENT-5: who counts at what time, and attacks on it.
/// @dev Edges: a board counts from the second of its activation on, and its predecessor up to the
/// second before; under proofs the predecessor counts up to the second before activation + grace.
contract TenureTest is BoardFixture {
    uint256 private constant START = 1_900_000_000;
    uint64 private number;
    bytes32 private entity;

    function setUp() public {
        deploy();
        VM.warp(START);
        number = registerSole(0);
        entity = entityOf(number);
    }

    // Edges

    /// @dev Second by second around activation and the end of the grace, and at any distance.
    function testFuzz_ENT5_Edges(uint32 delay, uint32 grace, uint256 offset) public {
        grace = uint32(bound(grace, 1, type(uint32).max));
        delay = uint32(bound(delay, grace, type(uint32).max));
        provider = IEntityProvider(
            create("EntityProvider.sol:EntityProvider", abi.encode(delay, grace))
        );
        number = registerSole(0);
        propose(0, number, 1);
        uint256 activation = START + delay;
        _assertAt(activation - 1, activation, grace);
        _assertAt(activation, activation, grace);
        _assertAt(activation + grace - 1, activation, grace);
        _assertAt(activation + grace, activation, grace);
        _assertAt(START + bound(offset, 0, 3 * uint256(delay)), activation, grace);
    }

    function _assertAt(uint256 time, uint256 activation, uint256 grace) private {
        VM.warp(time);
        bool active = time >= activation;
        assertTrue(counts(0, number) == !active, "the old board under batches");
        assertTrue(counts(1, number) == active, "the new board under batches");
        uint256 old =
            !active
                ? 1
                : time < activation + grace
                    ? 2
                    : 0;
        assertEq(countsAsOf(0, number, time), old);
        assertEq(countsAsOf(1, number, time), active ? 1 : 0);
        // What counted then still counts as of then, whenever it is asked.
        VM.warp(time + 10 * uint256(type(uint32).max));
        assertEq(countsAsOf(0, number, time), old);
        assertEq(countsAsOf(1, number, time), active ? 1 : 0);
        VM.warp(time);
    }

    /// @dev Any history, against a list of boards and times that is searched from the front.
    function testFuzz_ENT5_History(uint256 seed) public {
        uint256[] memory since = new uint256[](12);
        uint256[] memory party = new uint256[](12);
        uint256 last = 0;
        uint256 time = START;
        for (uint256 step = 0; step < 12; ++step) {
            uint256 dice = uint256(keccak256(abi.encode(seed, step)));
            time += dice % (2 * uint256(DELAY));
            VM.warp(time);
            bool pending = since[last] > time;
            uint256 current = pending ? last - 1 : last;
            if (pending && dice >> 255 == 1) {
                cancel(party[current], number);
                since[last] = 0;
                --last;
            } else if (!pending && last < 11) {
                ++last;
                (since[last], party[last]) = (time + DELAY, (dice >> 128) % PARTIES);
                propose(party[current], number, party[last]);
            }
        }
        VM.warp(time + 2 * uint256(DELAY));
        for (uint256 i = 0; i < 8; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, "as of", i)));
            uint256 asOf = i == 0 ? 0 : START + (dice % (time - START + 1));
            for (uint256 p = 0; p < PARTIES; ++p) {
                assertEq(countsAsOf(p, number, asOf), _model(since, party, last, p, asOf));
            }
        }
    }

    function _model(
        uint256[] memory since,
        uint256[] memory party,
        uint256 last,
        uint256 who,
        uint256 asOf
    ) private pure returns (uint256 standing) {
        uint256 i = 0;
        while (i < last && since[i + 1] <= asOf) ++i;
        if (party[i] == who) return 1;
        bool inGrace = i != 0 && asOf < since[i] + GRACE;
        return inGrace && party[i - 1] == who ? 2 : 0;
    }

    // Attacks

    /// @dev A replaced board and its puppet can sign whatever they like: what it signs is told
    /// apart from what the current board signs, and is worth nothing under batches.
    function test_ENT5_ARetiredBoardWithAPuppet() public {
        propose(0, number, 1);
        VM.warp(START + DELAY + GRACE - 1);
        assertTrue(!counts(0, number), "no batch and no settlement");
        assertEq(countsAsOf(0, number, block.timestamp), 2);
        VM.warp(START + DELAY + GRACE);
        assertEq(countsAsOf(0, number, block.timestamp), 0);
    }

    /// @dev A member that replaced its board within an outer one, which did not change.
    function test_ENT5_ARetiredBoardInsideOfABoard() public {
        Board memory outer = pair(entity, ids[2]);
        bytes32 lazy = boardHash(outer);
        bytes memory mine = sign(keys[2], lazy, DIGEST);
        bytes memory byOld = outermost(outer, signatures(nestSole(0, lazy, DIGEST), mine));
        bytes memory byNew = outermost(outer, signatures(nestSole(1, lazy, DIGEST), mine));
        propose(0, number, 1);
        provider.verify(lazy, DIGEST, byOld);

        VM.warp(START + DELAY);
        uint64 now_ = uint64(block.timestamp);
        provider.verify(lazy, DIGEST, byNew);
        assertTrue(!provider.verifyAsOf(lazy, DIGEST, byNew, now_), "the new one is current");
        VM.expectRevert(notOfEntity(0, entity));
        provider.verify(lazy, DIGEST, byOld);
        assertTrue(provider.verifyAsOf(lazy, DIGEST, byOld, now_), "retired, one level down");
        assertTrue(!provider.verifyAsOf(lazy, DIGEST, byOld, now_ - 1), "then it was current");
        VM.expectRevert(notOfEntity(1, entity));
        provider.verifyAsOf(lazy, DIGEST, byNew, now_ - 1);

        VM.warp(START + DELAY + GRACE);
        VM.expectRevert(notOfEntity(0, entity));
        provider.verifyAsOf(lazy, DIGEST, byOld, uint64(block.timestamp));
    }

    /// @dev Whoever signs after a retired board does not make its signature one of today's.
    function test_ENT5_ARetiredBoardBesideACurrentOne() public {
        uint64 second = registerSole(2);
        Board memory outer = pair(entity, entityOf(second));
        bytes32 lazy = boardHash(outer);
        bytes memory old = nestSole(0, lazy, DIGEST);
        bytes memory signature = outermost(outer, signatures(old, nestSole(2, lazy, DIGEST)));
        propose(0, number, 1);
        VM.warp(START + DELAY);
        bool retired = provider.verifyAsOf(lazy, DIGEST, signature, uint64(block.timestamp));
        assertTrue(retired, "by the first of two");
    }

    /// @dev Signed once, an action is carried out once: not again, not for another number of the
    /// same board, not at another contract, not on another chain.
    function test_ENT5_ActionsAreNotReplayed() public {
        uint64 sister = registerSole(0);
        bytes32 next = hashOf(1);
        bytes memory signature = replacement(0, number, next);
        bytes32 theirs = replacementDigest(sister, next, 0);
        VM.expectRevert(memberInvalid(0, entityOf(sister), theirs));
        provider.proposeBoard(sister, next, signature);

        IEntityProvider home = provider;
        provider = IEntityProvider(
            create("EntityProvider.sol:EntityProvider", abi.encode(DELAY, GRACE))
        );
        registerSole(0);
        theirs = replacementDigest(number, next, 0);
        VM.expectRevert(memberInvalid(0, entity, theirs));
        provider.proposeBoard(number, next, signature);

        provider = home;
        uint256 chain = block.chainid;
        VM.chainId(chain + 1);
        theirs = replacementDigest(number, next, 0);
        VM.expectRevert(memberInvalid(0, entity, theirs));
        provider.proposeBoard(number, next, signature);

        VM.chainId(chain);
        provider.proposeBoard(number, next, signature);
        cancel(0, number);
        theirs = replacementDigest(number, next, 2);
        VM.expectRevert(memberInvalid(0, entity, theirs));
        provider.proposeBoard(number, next, signature);
    }

    /// @dev What was signed under a later nonce waits for its turn; one action is not another.
    function test_ENT5_NoncesAreSequential() public {
        bytes32 cancelled = cancellationDigest(number, 1);
        bytes memory early = signSole(0, entity, cancelled);
        bytes32 claimed = claimDigest(entity, "name", 0);
        VM.expectRevert(memberInvalid(0, entity, claimed));
        provider.claimName(entity, "name", early);
        propose(0, number, 1);
        provider.cancelBoard(number, early);
        assertEq(provider.nonceOf(entity), 2);
    }

    /// @dev Two cancellations race, or a cancellation and the same board's next proposal: the
    /// first one lands, the other finds nothing to do.
    function test_ENT5_CancellationRaces() public {
        propose(0, number, 1);
        bytes memory first = cancellation(0, number);
        provider.cancelBoard(number, first);
        VM.expectRevert(
            abi.encodeWithSelector(IEntityProvider.ProposalNotPending.selector, number)
        );
        provider.cancelBoard(number, first);
        // A cancellation that was used does not touch the next proposal.
        propose(0, number, 2);
        bytes32 wanted = cancellationDigest(number, 3);
        VM.expectRevert(memberInvalid(0, entity, wanted));
        provider.cancelBoard(number, first);
    }
}
