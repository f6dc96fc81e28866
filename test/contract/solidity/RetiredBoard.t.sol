// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {DisputeStart, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch} from "../../../contracts/type/Operation.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title ENT-5 in disputes: what a board that has been replaced can still take, and from whom.
/// @dev Party 0 is a number here. Its first board is party 2's key, the next one party 3's; party 1
/// is the other side of the account, and the first board's puppet.
contract RetiredBoardTest is BoardFixture, DisputeFixture {
    using EnforcementBuild for Enforcement;

    uint256 private constant START = 1_900_000_000;
    uint256 private constant COLLATERAL = 500;
    uint64 private number;

    /// @dev The number owns all of the collateral, and a reserve.
    function setUp() public {
        deploy();
        VM.warp(START);
        number = registerSole(2);
        ids[0] = entityOf(number);
        fill();
        submit(1, funding(1, ids[0], ids[1], uint128(COLLATERAL)));
        propose(2, number, 3);
    }

    /// @dev All that the proof gives the puppet but the collateral stays where it is.
    function test_ENT5_ARetiredBoardTakesCollateralAlone() public {
        VM.warp(START + DELAY);
        _finaliseAll(_startAs(2, _robbery(1)), _robbery(1));
        _assertTaken(0);
        VM.warp(START + DELAY + GRACE - 1);
        Claim memory again = _robbery(2);
        again.epoch = 1;
        again.rows = row(1, -1000, 1000, 1000);
        _finaliseAll(_startAs(2, again), again);
        _assertTaken(0);
    }

    /// @dev The same by the board that is current: what is owed comes out of the reserve.
    function test_ENT5_ACurrentBoardOwesWhatItSigns() public {
        _finaliseAll(_startAs(2, _robbery(1)), _robbery(1));
        _assertTaken(1000);
    }

    /// @dev A dispute that began before the replacement is judged as of then, whenever it ends.
    function test_ENT5_ADisputeIsJudgedAsOfItsStart() public {
        VM.warp(START + DELAY - 1);
        Live memory live = _startAs(2, _robbery(1));
        assertTrue(endOf(live) > START + DELAY, "it ends after the replacement");
        _finaliseAll(live, _robbery(1));
        _assertTaken(1000);
    }

    /// @dev So is what counters it: a board that was current then signs in full, though it has been
    /// replaced when its signature is shown.
    function test_ENT5_ACounterIsJudgedAsOfTheStart() public {
        VM.warp(START + DELAY - 1);
        Live memory live = _startAs(2, _robbery(1));
        VM.warp(START + DELAY);
        Claim memory newer = _robbery(2);
        Enforcement memory enforcement;
        putCounter(enforcement, live, newer, 2, 1);
        bytes memory left = signSole(2, ids[0], digestOf(newer));
        enforcement.signatures = bytes.concat(left, signClaim(1, newer));
        enforcement.counters[0].leftSignature = left.length;
        depository.enforce(enforcement);
        live = Live(withFlags(live.window, flagsOf(live.window) & RIGHT_STARTED), hashOf(newer));
        _finaliseAll(live, newer);
        _assertTaken(1000);
    }

    /// @dev A number that owes starts with an older proof, and brings the newest one itself under
    /// its retired board's signature. The other side has the current board's under the same proof.
    function test_DIS2_ARetiredSignatureSavesNoDebtor() public {
        VM.warp(START + DELAY);
        (Live memory live, Live memory evaded) = _evade();
        Claim memory newest = _robbery(2);
        // The same again changes nothing.
        expectSkipped(0, 1, 2, abi.encodeWithSelector(IDepositoryErrors.NumberUsed.selector, 2, 2));
        depository.enforce(_counterBy(2, evaded, newest));

        depository.enforce(_counterBy(3, evaded, newest));
        VM.warp(endOf(live) + 1);
        Enforcement memory ending;
        putOvertaking(ending, evaded.window, evaded.bodyHash, 0, newest);
        depository.enforce(ending);
        _assertTaken(1000);
    }

    /// @dev Nor where a counter lies beside the head: the retired board's is brought to it again.
    function test_DIS2_ARetiredSignatureSavesNoDebtor_Beside() public {
        VM.warp(START + DELAY);
        (Live memory live, Live memory evaded) = _evade();
        Claim memory newest = _robbery(3);
        depository.enforce(_counterBy(2, evaded, newest));
        depository.enforce(_counterBy(3, evaded, newest));
        // It does not come back.
        expectSkipped(0, 1, 2, abi.encodeWithSelector(IDepositoryErrors.NumberUsed.selector, 3, 3));
        depository.enforce(_counterBy(2, evaded, newest));
        VM.warp(endOf(live) + 1);
        Enforcement memory ending;
        putOvertaking(ending, evaded.window, evaded.bodyHash, 0, newest);
        depository.enforce(ending);
        _assertTaken(1000);
    }

    function test_ENT5_AfterTheGraceItTakesNothing() public {
        VM.warp(START + DELAY + GRACE);
        Claim memory robbery = _robbery(1);
        Enforcement memory enforcement = _startOf(2, robbery);
        submitExpecting(1, enforcement.alone(), notOfEntity(2, ids[0]));
    }

    /// @dev Nor does the incoming board bind the number before it is active.
    function test_ENT5_TheIncomingBoardWaits() public {
        VM.warp(START + DELAY - 1);
        Enforcement memory enforcement = _startOf(3, _robbery(1));
        submitExpecting(1, enforcement.alone(), notOfEntity(3, ids[0]));
        VM.warp(START + DELAY);
        _finaliseAll(_startAs(3, _robbery(1)), _robbery(1));
        _assertTaken(1000);
    }

    /// @dev Left owes all of its limit, and the collateral is right's.
    function _robbery(uint64 claimNumber) private pure returns (Claim memory) {
        return claim(claimNumber, -1500);
    }

    /// @return live As the number starts it, by its current board's batch.
    /// @return evaded As it is after the retired board's counter.
    function _evade() private returns (Live memory live, Live memory evaded) {
        Enforcement memory enforcement;
        putStart(enforcement, 0, _robbery(1));
        Batch memory batch = batchOf(0, enforcement.alone());
        depository.processBatch(batch, signSole(3, ids[0], depository.batchDigest(batch)));
        live = startedNow(0, _robbery(1));
        depository.enforce(_counterBy(2, live, _robbery(2)));
        evaded = Live(withFlags(live.window, 8), hashOf(_robbery(2)));
    }

    /// @dev With both signatures, the number's by that board.
    function _counterBy(
        uint256 board,
        Live memory live,
        Claim memory self
    ) private view returns (Enforcement memory enforcement) {
        putCounter(enforcement, live, self, 2, 1);
        bytes memory left = signSole(board, ids[0], digestOf(self));
        enforcement.signatures = bytes.concat(left, signClaim(1, self));
        enforcement.counters[0].leftSignature = left.length;
    }

    function _startOf(
        uint256 board,
        Claim memory self
    ) private view returns (Enforcement memory enforcement) {
        bytes memory signature = signSole(board, ids[0], digestOf(self));
        enforcement.add(
            DisputeStart({
                counterparty: ids[0],
                epoch: self.epoch,
                number: self.number,
                leftResponse: self.leftResponse,
                rightResponse: self.rightResponse,
                frameHash: self.frameHash,
                rows: self.rows.length,
                conditionBytes: 0,
                signatureLength: signature.length
            })
        );
        putBody(enforcement, self);
        enforcement.signatures = signature;
    }

    /// @dev The puppet starts with a proof that the board signed.
    function _startAs(uint256 board, Claim memory self) private returns (Live memory live) {
        submit(1, _startOf(board, self).alone());
        live = startedNow(1, self);
        bool retired = board == 2 && block.timestamp >= START + DELAY;
        if (retired) live.window = withFlags(live.window, flagsOf(live.window) | 8);
    }

    function _finaliseAll(Live memory live, Claim memory self) private {
        passWindow(live);
        finalise(live, self);
    }

    /// @param amount What left its reserve for the puppet's, beside the collateral.
    function _assertTaken(uint256 amount) private view {
        assertEq(depository.reserveOf(ids[0], 1), HELD - amount);
        assertEq(depository.reserveOf(ids[1], 1), HELD + amount);
        (uint64 head, uint64 tail) = depository.debtsOf(ids[0], 1);
        assertEq(head, tail);
    }
}
