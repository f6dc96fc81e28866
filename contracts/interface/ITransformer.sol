// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract that turns a condition into changes of deltas (CND-1).
/// @dev It is called by `staticcall` when the account is finalised, with exactly the gas that both
/// sides signed and with nothing but the payload that they signed. Whatever it does, the account
/// is finalised: a condition whose transformer reverts, runs out of gas, has no code, returns more
/// or fewer words than the condition has tokens, or a change beyond the signed bounds, moves
/// nothing.
/// @dev Warning: sign enough gas for slots that nobody has read before in the transaction. Who
/// finalises can make them cheaper, and nothing dearer.
/// @dev Warning: an answer that depends on when it is asked for is chosen by who finalises, from
/// the condition's deadline on. One that depends on a contract that can be replaced, or on an
/// account that can delegate its code, is chosen by whoever can do that.
interface ITransformer {
    /// @param payload What the condition carries.
    /// @return change Of the condition's token, in its smallest unit: left's gain. For a condition
    /// of several tokens as many words in their order, as of `returns (int256, int256)` or
    /// `returns (int256[2] memory)`.
    function transform(bytes calldata payload) external view returns (int256 change);
}
