// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BodyDigest} from "../../../contracts/digest/BodyDigest.sol";
import {PlanDigest} from "../../../contracts/digest/PlanDigest.sol";
import {Test} from "./Test.sol";

/// @dev What is asked here of contracts/dev/DigestHarness.sol.
interface IDigests {
    function bodyHash(BodyDigest.Row[] memory rows, bytes32 root) external pure returns (bytes32);

    function conditionHash(BodyDigest.Condition memory self) external pure returns (bytes32);

    function conditionsRoot(bytes32[] memory slots) external pure returns (bytes32);

    function signersHash(bytes32[] memory signers) external pure returns (bytes32);

    function legsHash(PlanDigest.Leg[] memory legs) external pure returns (bytes32);
}

/// @title DIS-2, NET-5: what the reference of the hashes of bodies and plans does not hash. That
/// it agrees with the keeper's on all else is seen in the vectors' tests.
contract DigestTest is Test {
    IDigests private digests;

    function setUp() public {
        digests = IDigests(create("DigestHarness.sol:DigestHarness", ""));
    }

    function test_DIS2_RowsAscend() public {
        BodyDigest.Row[] memory rows = new BodyDigest.Row[](2);
        (rows[0].token, rows[1].token) = (1, 2);
        digests.bodyHash(rows, 0);
        rows[1].token = 1;
        VM.expectRevert(abi.encodeWithSelector(BodyDigest.TokensUnsorted.selector, 1, 1));
        digests.bodyHash(rows, 0);
        rows[0].token = 2;
        VM.expectRevert(abi.encodeWithSelector(BodyDigest.TokensUnsorted.selector, 2, 1));
        digests.bodyHash(rows, 0);
    }

    function test_DIS2_AmountsAscend() public {
        BodyDigest.Condition memory condition;
        condition.amounts = new BodyDigest.Amount[](2);
        (condition.amounts[0].token, condition.amounts[1].token) = (2, 1);
        VM.expectRevert(abi.encodeWithSelector(BodyDigest.TokensUnsorted.selector, 2, 1));
        digests.conditionHash(condition);
    }

    /// @dev DIS-2: a byte counts them.
    function test_DIS2_AmountsTooMany() public {
        BodyDigest.Condition memory condition;
        condition.amounts = _amounts(255);
        digests.conditionHash(condition);
        condition.amounts = _amounts(256);
        VM.expectRevert(abi.encodeWithSelector(BodyDigest.AmountsTooMany.selector, 256));
        digests.conditionHash(condition);
    }

    /// @dev DIS-2: without a condition there is no tree, however many empty slots there are.
    function test_DIS2_NoConditionsHaveNoRoot() public view {
        assertEq(digests.conditionsRoot(new bytes32[](0)), bytes32(0));
        assertEq(digests.conditionsRoot(new bytes32[](40)), bytes32(0));
        bytes32[] memory slots = new bytes32[](40);
        slots[20] = keccak256("condition");
        assertTrue(digests.conditionsRoot(slots) != 0, "one is taken");
    }

    function test_NET5_SignersAscend() public {
        bytes32[] memory signers = new bytes32[](3);
        (signers[0], signers[1], signers[2]) = (bytes32(uint256(3)), 0, 0);
        bytes4 selector = PlanDigest.SignersUnsorted.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, 3, 0));
        digests.signersHash(signers);
        (signers[1], signers[2]) = (bytes32(uint256(4)), bytes32(uint256(4)));
        VM.expectRevert(abi.encodeWithSelector(selector, 4, 4));
        digests.signersHash(signers);
        signers[2] = bytes32(uint256(5));
        digests.signersHash(signers);
    }

    /// @dev NET-5: a leg's left is below its right.
    function test_NET5_LegsHaveOneOrderOfTheSides() public {
        _refuseLegs(PlanDigest.Leg(1, 1, 1, 5), PlanDigest.Leg(1, 2, 1, 5), 0);
        _refuseLegs(PlanDigest.Leg(0, 1, 1, 5), PlanDigest.Leg(2, 1, 1, 5), 1);
    }

    /// @dev NET-5: by left, then right, then token; none is there twice.
    function test_NET5_LegsAscend() public {
        PlanDigest.Leg memory leg = PlanDigest.Leg(1, 2, 3, 5);
        _refuseLegs(leg, leg, 1);
        _refuseLegs(leg, PlanDigest.Leg(1, 2, 2, 5), 1);
        _refuseLegs(PlanDigest.Leg(1, 3, 3, 5), PlanDigest.Leg(1, 2, 4, 5), 1);
        _refuseLegs(leg, PlanDigest.Leg(0, 3, 4, 5), 1);
        digests.legsHash(_pair(leg, PlanDigest.Leg(1, 2, 4, 5)));
        digests.legsHash(_pair(leg, PlanDigest.Leg(1, 3, 1, 5)));
        digests.legsHash(_pair(leg, PlanDigest.Leg(2, 3, 1, 5)));
    }

    function _refuseLegs(
        PlanDigest.Leg memory first,
        PlanDigest.Leg memory second,
        uint256 index
    ) private {
        VM.expectRevert(abi.encodeWithSelector(PlanDigest.LegsUnsorted.selector, index));
        digests.legsHash(_pair(first, second));
    }

    function _pair(
        PlanDigest.Leg memory first,
        PlanDigest.Leg memory second
    ) private pure returns (PlanDigest.Leg[] memory legs) {
        legs = new PlanDigest.Leg[](2);
        (legs[0], legs[1]) = (first, second);
    }

    function _amounts(uint256 count) private pure returns (BodyDigest.Amount[] memory amounts) {
        amounts = new BodyDigest.Amount[](count);
        for (uint256 i = 0; i < count; ++i) amounts[i].token = uint32(i + 1);
    }
}
