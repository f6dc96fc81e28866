// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DevToken} from "../../../contracts/dev/DevToken.sol";
import {DebtSweep, Enforcement, Forgiveness} from "../../../contracts/type/Enforcement.sol";
import {Settlements} from "../../../contracts/type/Operation.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {EnforcementModel} from "./EnforcementModel.sol";
import {FeeToken} from "./Token.sol";

/// @title What the invariants of enforcement let happen: accounts of four entities in two tokens,
/// over many epochs: disputes that race settlements, counters of all three sorts, locks, debts.
/// @dev What is refused changes nothing and is no failure; `landed` counts what was not.
contract EnforcementHandler is EnforcementModel {
    using EnforcementBuild for Enforcement;

    enum Kind {
        Funding,
        Settlement,
        Start,
        BareStart,
        Counter,
        OpenCounter,
        Overtaking,
        Reveal,
        Acceptance,
        Finalisation,
        Debt,
        Sweep,
        PartPayment,
        Forgiveness
    }

    uint64 private constant LOCKS = 6;
    uint256 private constant MOST = 2000;

    mapping(Kind => uint256) public landed;

    constructor() {
        deployContracts();
        assets.push(new DevToken("Dev", "DEV", 6));
        assets.push(DevToken(address(new FeeToken())));
        for (uint32 token = 1; token <= 2; ++token) {
            depository.registerToken(1, address(assets[token - 1]), 0);
            assets[token - 1].approve(address(depository), type(uint256).max);
        }
        makeParties();
        for (uint256 party = 0; party < MEMBERS; ++party) {
            deposit(party, 1, MOST / 4);
            deposit(party, 2, MOST / 4);
        }
    }

    function isLive(uint256 left, uint256 right) external view returns (bool) {
        return accounts[left][right].live;
    }

    function epochNumberOf(uint256 left, uint256 right) external view returns (uint64, uint64) {
        return (accounts[left][right].epoch, accounts[left][right].number);
    }

    function deposit(uint256 party, uint256 kind, uint256 amount) public {
        (party, amount) = (party % MEMBERS, bound(amount, 10, MOST / 4));
        give(party, uint32(1 + (kind % 2)), amount);
    }

    function fund(uint256 pair, uint256 kind, uint256 amount, bool byLeft) external {
        (uint256 left, uint256 right) = _pair(pair);
        (uint256 a, uint256 b) = byLeft ? (left, right) : (right, left);
        amount = bound(amount, 1, MOST / 4);
        uint32 token = uint32(1 + (kind % 2));
        if (trySubmit(a, funding(token, ids[a], ids[b], uint128(amount)))) ++landed[Kind.Funding];
    }

    /// @dev Left takes collateral back, or pays right; while a dispute is live it must not land.
    function settle(uint256 pair, uint256 step, uint256 amount, bool pays) external {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        settlementEpoch = account.epoch;
        uint64 number = account.number + uint64(step % 3);
        int128 paid = int128(int256(bound(amount, 1, MOST / 4)));
        Settlements memory list = listOf(1, true);
        put(list, 0, left, right, number, 1, pays ? -paid : paid, pays ? paid : int128(0));
        try depository.settleDiffs(list) {
            ++landed[Kind.Settlement];
            if (account.live || number <= account.number) numberReused = true;
            account.number = number;
        } catch {}
    }

    function start(uint256 pair, bool byLeft, uint256 seed) external {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        uint256 carrier = byLeft ? left : right;
        Terms memory terms;
        if (account.number != 0 || seed % 4 != 0) {
            terms = _terms(account.number + uint64(seed % 3), seed);
        }
        Claim memory body = claimOf(left, right, terms);
        Enforcement memory enforcement;
        putStart(enforcement, carrier, body);
        uint256 before = headOf(body);
        if (!trySubmit(carrier, enforcement.alone()) || headOf(body) == before) return;
        ++landed[terms.number == 0 ? Kind.BareStart : Kind.Start];
        bool again = terms.number <= account.number && terms.number != 0;
        if (account.live || again) numberReused = true;
        account.live = true;
        (account.countered, account.overtaken) = (false, false);
        (account.head, account.number) = (terms, terms.number);
        account.window = startedNow(carrier, body).window;
    }

    /// @param manner By the other side's batch, openly with both signatures, or what must not be:
    /// by the starter with its own signature alone.
    function counter(uint256 pair, uint256 manner, uint256 seed) external {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        if (!account.live) return;
        Terms memory terms = _terms(_top(account) + uint64(seed % 3), seed);
        Enforcement memory enforcement;
        uint256 flags = _putCounter(enforcement, left, right, terms, manner % 3);
        uint256 before = headOf(claimOf(left, right, terms));
        (, uint256 beside) = depository.disputeOf(ids[left], ids[right]);
        bool sent =
            manner % 3 == 1
                ? tryEnforce(enforcement)
                : trySubmit(
                    (manner % 3 == 0) == _leftStarted(account) ? right : left,
                    enforcement.alone()
                );
        if (!sent) return;
        (uint256 head, uint256 now_) = depository.disputeOf(ids[left], ids[right]);
        if (head == before && now_ == beside) return;
        if (terms.number <= _top(account) || manner % 3 == 2) numberReused = true;
        _noteCounter(account, terms, flags);
    }

    function reveal(uint256 lock) external {
        uint64 which = uint64(1 + (lock % LOCKS));
        Enforcement memory enforcement;
        enforcement.addPreimage(preimageOf(which));
        depository.enforce(enforcement);
        ++landed[Kind.Reveal];
        if (revealedAt[which] == 0) revealedAt[which] = block.timestamp;
    }

    /// @param byLeft Whose batch carries it, to accept; the seed decides whether anybody's does.
    function finalise(uint256 pair, bool byLeft, uint256 seed) external {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        if (!account.live) return;
        Terms memory terms = account.overtaken ? account.over : account.head;
        Money memory first = moneyBefore(left, right, 1);
        Money memory second = moneyBefore(left, right, 2);
        Enforcement memory enforcement = _finalisation(left, right, terms);
        bool early = block.timestamp <= uint64(account.window);
        bool sent =
            seed % 3 == 0
                ? trySubmit(byLeft ? left : right, enforcement.alone())
                : tryEnforce(enforcement);
        if (!sent || epochOf(claimOf(left, right, terms)) == account.epoch) return;
        ++landed[early ? Kind.Acceptance : Kind.Finalisation];
        uint256 open = debts[left][1].length + debts[right][1].length;
        resolve(first, terms);
        resolve(second, terms);
        judge(first);
        judge(second);
        if (debts[left][1].length + debts[right][1].length != open) ++landed[Kind.Debt];
        (account.live, account.number) = (false, 0);
        ++account.epoch;
    }

    function sweep(uint256 party, uint256 kind, uint256 most) external {
        (party, most) = (party % MEMBERS, 1 + (most % 3));
        uint32 token = uint32(1 + (kind % 2));
        (DebtSweep[] memory sweeps, bytes32[] memory creditors) = sweepOf(party, token, most);
        if (creditors.length == 0) return;
        uint256 reserve = depository.reserveOf(ids[party], token);
        depository.enforceDebts(sweeps, creditors);
        ++landed[Kind.Sweep];
        if (noteSweep(party, token, creditors, reserve)) ++landed[Kind.PartPayment];
    }

    function forgive(uint256 party, uint256 kind, uint256 which) external {
        party = party % MEMBERS;
        uint32 token = uint32(1 + (kind % 2));
        if (!openDebts(party, token)) return;
        uint256 head = debtHead[party][token];
        uint256 index = head + (which % (debts[party][token].length - head));
        Enforcement memory enforcement;
        enforcement.forgivenesses = new Forgiveness[](1);
        enforcement.forgivenesses[0] = Forgiveness(ids[party], token, index);
        if (!trySubmit(debts[party][token][index].creditor, enforcement.alone())) return;
        ++landed[Kind.Forgiveness];
        bool fresh = debts[party][token][index].amount != 0;
        debts[party][token][index].amount = 0;
        if (fresh && index == head) ++debtHead[party][token];
    }

    function pass(uint256 time) external {
        VM.warp(block.timestamp + bound(time, 1, 40_000));
        VM.roll(block.number + 1);
    }

    function _noteCounter(Account storage account, Terms memory terms, uint256 flags) private {
        if (account.countered) {
            ++landed[Kind.Overtaking];
            (account.over, account.overtaken, account.overtakingFlags) = (terms, true, flags);
            return;
        }
        ++landed[flags & (BY_LEFT | BY_RIGHT) == 0 ? Kind.OpenCounter : Kind.Counter];
        (account.head, account.countered) = (terms, true);
        account.number = terms.number;
        account.window = withFlags(account.window, flags);
    }

    function _putCounter(
        Enforcement memory enforcement,
        uint256 left,
        uint256 right,
        Terms memory terms,
        uint256 manner
    ) private view returns (uint256 flags) {
        Account storage account = accounts[left][right];
        Live memory live = Live(account.window, hashOf(claimOf(left, right, account.head)));
        bool leftStarted = _leftStarted(account);
        flags = leftStarted ? 0 : RIGHT_STARTED;
        (uint256 leftSigner, uint256 rightSigner) = (left, right);
        if (manner == 0) {
            flags |= leftStarted ? BY_RIGHT : BY_LEFT;
            if (leftStarted) rightSigner = NOBODY;
            else leftSigner = NOBODY;
        }
        // The starter's own batch and signature, and nothing of the other side's.
        if (manner == 2 && leftStarted) rightSigner = NOBODY;
        if (manner == 2 && !leftStarted) leftSigner = NOBODY;
        putCounter(enforcement, live, claimOf(left, right, terms), leftSigner, rightSigner);
    }

    function _finalisation(
        uint256 left,
        uint256 right,
        Terms memory terms
    ) private view returns (Enforcement memory enforcement) {
        Account storage account = accounts[left][right];
        bytes32 head = account.overtaken ? hashOf(claimOf(left, right, account.head)) : bytes32(0);
        uint256 flags = account.overtaken ? account.overtakingFlags : 0;
        putOvertaking(enforcement, account.window, head, flags, claimOf(left, right, terms));
        if (terms.number != 0) return enforcement;
        // Without a proof the body lists nothing: both tokens are named.
        enforcement.finalisations[0].tokens = 2;
        enforcement.addToken(1);
        enforcement.addToken(2);
    }

    function _leftStarted(Account storage account) private view returns (bool) {
        return flagsOf(account.window) & RIGHT_STARTED == 0;
    }

    function _top(Account storage account) private view returns (uint64) {
        return account.overtaken ? account.over.number : account.head.number;
    }

    function _terms(uint64 number, uint256 seed) private view returns (Terms memory terms) {
        // Without a number there is no proof, and no body.
        if (number == 0) return terms;
        terms.number = number;
        terms.first = int128(int256((seed >> 8) % (2 * MOST))) - int128(int256(MOST));
        terms.second = int128(int256((seed >> 24) % (2 * MOST))) - int128(int256(MOST));
        terms.leftLimit = uint128((seed >> 40) % MOST);
        terms.rightLimit = uint128((seed >> 56) % MOST);
        if (seed >> 255 == 0) return terms;
        terms.lock = uint64(1 + ((seed >> 72) % LOCKS));
        terms.lockDeadline = uint64(block.timestamp + ((seed >> 80) % 100_000));
        terms.lockAmount = int128(int256((seed >> 100) % MOST)) - int128(int256(MOST / 2));
    }

    function _pair(uint256 pair) private pure returns (uint256 left, uint256 right) {
        left = pair % (MEMBERS - 1);
        right = left + 1 + ((pair >> 8) % (MEMBERS - 1 - left));
    }
}
