// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionDraw} from "./ConditionDraw.sol";
import {ConditionRace} from "./ConditionRace.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title What the invariants of conditions let happen: disputes among three entities, one of
/// which changes its board, about bodies of locks, orders and transformers good and bad; while
/// settlements and plans race them.
/// @dev The model says of each dispute's step whether it lands. `wrong` is set where one does not
/// do as it says.
contract ConditionHandler is ConditionRace {
    using ConditionDraw for ConditionDraw.Terms;
    using EnforcementBuild for Enforcement;

    /// @dev One try to finalise.
    struct Ending {
        uint256 left;
        uint256 right;
        ConditionDraw.Terms terms;
        Closing closing;
        uint256 manner;
        uint256 sent;
        bool early;
        bool should;
    }

    error Probed(bool ended);

    uint256 private constant STRANGER = 4;

    /// @dev Set for ever if a dispute could not end.
    bool public stuck;

    function headOf(
        uint256 left,
        uint256 right
    ) external view returns (uint256 head, uint256 beside) {
        Account storage account = accounts[left][right];
        head = (uint256(account.epoch) << 64) | account.number;
        if (!account.live) return (head, 0);
        head |= commitmentOf(Live(account.window, account.headBody)) << 96;
        if (!account.overtaken) return (head, 0);
        Live memory over = Live(
            withFlags(account.window, account.overtakingFlags),
            account.overBody
        );
        return (head | (1 << 95), overtakingOf(account.over.number, over));
    }

    function start(uint256 pair, bool byLeft, uint256 seed) public {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        ConditionDraw.Terms memory terms;
        bool bare = account.number == 0 && seed % 8 == 0;
        if (!bare) terms = _terms(account.number + uint64((seed >> 8) % 8 == 0 ? 0 : 1), seed);
        _chooseBoard(seed, block.timestamp);
        uint256 standing = 1;
        if (!byLeft && left == 0 && terms.number != 0) {
            standing = standingOf(signer, block.timestamp);
        }
        if (standing == 0) ++landed[Kind.ProofRefused];
        bool newer = terms.number > account.number || terms.number + account.number == 0;
        bool should = !account.live && newer && standing != 0;
        bytes32 before = _stateOf(left, right);
        Live memory live = _sendStart(left, right, byLeft, terms);
        if ((_stateOf(left, right) != before) != should) wrong = true;
        if (should) _noteStart(account, terms, live, standing == 2);
    }

    /// @param manner By the other side's batch, openly, or what must not be: by the starter alone.
    function counter(uint256 pair, uint256 manner, uint256 seed) public {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        if (!account.live) return;
        ConditionDraw.Terms memory terms = newest(account);
        // The newest proof once more may clear it of a retired board's signature.
        bool retired = winningFlags(account) & LEFT_RETIRED != 0;
        bool again = seed % 3 == 0 || (retired && account.countered && seed % 3 == 1);
        if (!again) terms = _terms(terms.number + uint64((seed >> 8) % 3), seed);
        _chooseBoard(again ? (retired ? 3 : 0) : seed >> 16, uint64(account.window >> 64));
        Enforcement memory enforcement;
        manner = manner % 8 == 7 ? 2 : manner % 2;
        uint256 flags = _putCounter(enforcement, left, right, terms, manner);
        bool should = manner != 2 && _isNewer(account, terms, flags);
        if (left == 0 && flags & BY_LEFT == 0) {
            uint256 standing = standingOf(signer, uint64(account.window >> 64));
            if (standing == 0) ++landed[Kind.ProofRefused];
            if (standing == 0) should = false;
        }
        bytes32 before = _stateOf(left, right);
        if (manner == 1) tryEnforce(enforcement);
        else trySubmit((manner == 0) == _leftStarted(account) ? right : left, enforcement.alone());
        if ((_stateOf(left, right) != before) != should) wrong = true;
        if (should) _noteCounter(account, terms, flags, hashOf(claimOf(left, right, terms)));
    }

    /// @param manner Who sends it, and with how much gas.
    function finalise(uint256 pair, uint256 manner, uint256 sent) public {
        (uint256 left, uint256 right) = _pair(pair);
        if (!accounts[left][right].live) return;
        Ending memory ending;
        (ending.left, ending.right) = (left, right);
        ending.manner = manner % 8;
        // From what is too little for anything to a little more than transformers are given.
        uint256 most = gasOf(newest(accounts[left][right])) + 200_000;
        if (ending.manner < 3) ending.sent = 100_000 + (sent % most);
        _wait(accounts[left][right], sent >> 128);
        _try(ending, sent % 4 == 0);
    }

    /// @notice A dispute from its start to its end, or nearly so.
    function dispute(uint256 pair, uint256 seed) external {
        seed = uint256(keccak256(abi.encode(seed)));
        start(pair, seed % 2 == 0, seed >> 8);
        for (uint256 i = 0; i < (seed >> 64) % 6; ++i) {
            counter(pair, seed >> (72 + i), uint256(keccak256(abi.encode(seed, i))));
        }
        fill(pair, seed >> 16, seed % 4 != 0);
        finalise(pair, seed >> 80, seed >> 96);
        finalise(pair, seed >> 88, seed >> 104);
    }

    /// @notice Whoever comes when the window and all deadlines are over can end a dispute.
    function probe(uint256 pair) external {
        (uint256 left, uint256 right) = _pair(pair);
        if (!accounts[left][right].live) return;
        uint256 time = block.timestamp;
        try this.probeAlone(left, right) {} catch (bytes memory reason) {
            bytes32 ended = keccak256(abi.encodeWithSelector(Probed.selector, true));
            if (keccak256(reason) != ended) stuck = true;
        }
        VM.warp(time);
        ++landed[Kind.Probe];
    }

    /// @dev Undoes itself.
    function probeAlone(uint256 left, uint256 right) external {
        if (msg.sender != address(this)) return;
        Account storage account = accounts[left][right];
        Enforcement memory enforcement;
        _putEnding(enforcement, left, right, newest(account));
        uint256 end = uint64(account.window >> 64) + MAX_WINDOW + 1;
        if (block.timestamp < end) VM.warp(end);
        tryEnforce(enforcement);
        (uint64 epoch, ) = depository.accountOf(ids[left], ids[right]);
        revert Probed(epoch == account.epoch + 1);
    }

    /// @dev Often until the last second of the window or of a deadline, or the first one after it.
    function _wait(Account storage account, uint256 choice) private {
        uint256 until = uint64(account.window);
        uint256 manner = choice % 8;
        if (manner < 4) return;
        if (manner > 5) {
            ConditionDraw.Slot[] memory slots = newest(account).slotsOf();
            uint256 cap = uint64(account.window >> 64) + MAX_WINDOW;
            if (manner == 7 && (choice >> 24) % 4 == 0) until = cap;
            else if (slots.length != 0) until = slots[(choice >> 8) % slots.length].deadline;
            if (until > cap) until = cap;
        }
        if ((choice >> 16) % 4 != 0) ++until;
        if (until > block.timestamp) VM.warp(until);
    }

    function _try(Ending memory ending, bool twice) private {
        (uint256 left, uint256 right) = (ending.left, ending.right);
        Account storage account = accounts[left][right];
        ending.terms = newest(account);
        ending.closing = closingOf(left, right);
        Enforcement memory enforcement;
        _putEnding(enforcement, left, right, ending.terms);
        if (twice) _putEnding(enforcement, left, right, ending.terms);
        ending.early = block.timestamp <= uint64(account.window);
        bool decided = isDecided(ending.closing, ending.terms);
        uint256 carrier = [STRANGER, left, right][ending.manner % 3];
        bool inABatch = ending.manner > 4;
        bool accepted = inABatch && _mayAccept(account, carrier, left);
        ending.should = decided && (!ending.early || accepted);
        // Whether it went through shows in the epoch.
        if (inABatch) trySubmit(carrier, enforcement.alone());
        else if (ending.sent == 0) tryEnforce(enforcement);
        else try depository.enforce{gas: ending.sent}(enforcement) {} catch {}
        (uint64 epoch, ) = depository.accountOf(ids[left], ids[right]);
        bool ended = epoch != account.epoch;
        bool starved = ending.sent != 0 && !ended && ending.should;
        if (ended != ending.should && !starved) wrong = true;
        _countTries(ending, ended, decided);
        if (!ended) return;
        if (inABatch) ++landed[Kind.InABatch];
        if (twice) ++landed[Kind.Twice];
        _close(ending);
    }

    function _countTries(Ending memory ending, bool ended, bool decided) private {
        if (ended) ++landed[ending.early ? Kind.Acceptance : Kind.Finalisation];
        else if (ending.should) ++landed[Kind.Starved];
        else if (ending.early) ++landed[Kind.TooEarly];
        else if (!decided) ++landed[Kind.Undecided];
        if (ended && ending.sent != 0) ++landed[Kind.Sparing];
    }

    /// @dev Compares what was paid with the model.
    function _close(Ending memory ending) private {
        Account storage account = accounts[ending.left][ending.right];
        resolve(ending.closing, ending.terms);
        for (uint256 t = 0; t < 2; ++t) {
            Money memory money = ending.closing.money[t];
            uint256 open = debts[ending.left][money.token].length;
            open += debts[ending.right][money.token].length;
            judge(money);
            if (money.leftRetired && money.delta < 0) ++landed[Kind.Spared];
            uint256 now_ = debts[ending.left][money.token].length;
            if (now_ + debts[ending.right][money.token].length != open) ++landed[Kind.Debt];
        }
        (account.live, account.number) = (false, 0);
        ++account.epoch;
    }

    function _mayAccept(
        Account storage account,
        uint256 carrier,
        uint256 left
    ) private view returns (bool) {
        if (carrier == STRANGER) return false;
        return winningFlags(account) & (carrier == left ? BY_RIGHT : BY_LEFT) != 0;
    }

    function _isNewer(
        Account storage account,
        ConditionDraw.Terms memory terms,
        uint256 flags
    ) private view returns (bool) {
        if (block.timestamp > uint64(account.window)) return false;
        ConditionDraw.Terms memory before = newest(account);
        if (terms.number != before.number) return terms.number > before.number;
        bool same = keccak256(abi.encode(terms)) == keccak256(abi.encode(before));
        bool clears = winningFlags(account) & LEFT_RETIRED != 0 && flags & LEFT_RETIRED == 0;
        return same && account.countered && clears;
    }

    function _noteCounter(
        Account storage account,
        ConditionDraw.Terms memory terms,
        uint256 flags,
        bytes32 bodyHash
    ) private {
        if (terms.number == newest(account).number) ++landed[Kind.Clearing];
        if (flags & LEFT_RETIRED != 0) ++landed[Kind.RetiredProof];
        if (account.countered) {
            ++landed[Kind.Overtaking];
            (account.over, account.overtaken, account.overtakingFlags) = (terms, true, flags);
            account.overBody = bodyHash;
            return;
        }
        ++landed[flags & (BY_LEFT | BY_RIGHT) == 0 ? Kind.OpenCounter : Kind.Counter];
        (account.head, account.countered, account.headBody) = (terms, true, bodyHash);
        account.number = terms.number;
        account.window = withFlags(account.window, flags);
    }

    function _sendStart(
        uint256 left,
        uint256 right,
        bool byLeft,
        ConditionDraw.Terms memory terms
    ) private returns (Live memory) {
        Claim memory body = claimOf(left, right, terms);
        uint256 carrier = byLeft ? left : right;
        Enforcement memory enforcement;
        putStart(enforcement, carrier, body);
        trySubmit(carrier, enforcement.alone());
        return startedNow(carrier, body);
    }

    function _noteStart(
        Account storage account,
        ConditionDraw.Terms memory terms,
        Live memory live,
        bool retired
    ) private {
        ++landed[terms.number == 0 ? Kind.BareStart : Kind.Start];
        (account.live, account.countered, account.overtaken) = (true, false, false);
        (account.head, account.number, account.window) = (terms, terms.number, live.window);
        account.headBody = live.bodyHash;
        if (!retired) return;
        ++landed[Kind.RetiredProof];
        account.window = withFlags(live.window, flagsOf(live.window) | LEFT_RETIRED);
    }

    function _putCounter(
        Enforcement memory enforcement,
        uint256 left,
        uint256 right,
        ConditionDraw.Terms memory terms,
        uint256 manner
    ) private view returns (uint256 flags) {
        Account storage account = accounts[left][right];
        Live memory live = Live(account.window, account.headBody);
        bool leftStarted = _leftStarted(account);
        flags = leftStarted ? 0 : RIGHT_STARTED;
        (uint256 leftSigner, uint256 rightSigner) = (left, right);
        if (manner == 0) flags |= leftStarted ? BY_RIGHT : BY_LEFT;
        // The carrier's own signature is left out; of the starter alone, the other side's is.
        if (manner != 1 && leftStarted) rightSigner = NOBODY;
        if (manner != 1 && !leftStarted) leftSigner = NOBODY;
        putCounter(enforcement, live, claimOf(left, right, terms), leftSigner, rightSigner);
        bool signs = left == 0 && leftSigner == 0;
        if (signs && standingOf(signer, uint64(account.window >> 64)) == 2) flags |= LEFT_RETIRED;
    }

    function _putEnding(
        Enforcement memory enforcement,
        uint256 left,
        uint256 right,
        ConditionDraw.Terms memory terms
    ) private view {
        Account storage account = accounts[left][right];
        bytes32 head = account.overtaken ? account.headBody : bytes32(0);
        uint256 flags = account.overtaken ? account.overtakingFlags : 0;
        putOvertaking(enforcement, account.window, head, flags, claimOf(left, right, terms));
        if (terms.number != 0) return;
        // Without a proof the body lists nothing: both tokens are named.
        enforcement.finalisations[enforcement.finalisations.length - 1].tokens = 2;
        enforcement.addToken(1);
        enforcement.addToken(2);
    }

    /// @dev Mostly the board of that time, at times the one before it, or any.
    function _chooseBoard(uint256 seed, uint256 asOf) private {
        uint256 index = tenureAt(asOf);
        uint256 choice = seed % 5;
        if (choice < 3 && index != 0) --index;
        signer = choice == 4 ? 2 + ((seed >> 8) % 3) : tenures[index].party;
    }

    function _terms(uint64 number, uint256 seed) private view returns (ConditionDraw.Terms memory) {
        return ConditionDraw.Terms(number, uint64(block.timestamp), seed);
    }

    function _stateOf(uint256 left, uint256 right) private view returns (bytes32) {
        (uint256 head, uint256 beside) = depository.disputeOf(ids[left], ids[right]);
        return keccak256(abi.encode(head, beside));
    }

    function _leftStarted(Account storage account) private view returns (bool) {
        return flagsOf(account.window) & RIGHT_STARTED == 0;
    }
}
