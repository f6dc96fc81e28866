import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** A worthless token that anyone may mint, for local chains and tests only. */
export default buildModule("DevToken", (m) => {
  const name = m.getParameter("name", "Dev Dollar");
  const symbol = m.getParameter("symbol", "DEV");
  const decimals = m.getParameter("decimals", 6);
  return { token: m.contract("DevToken", [name, symbol, decimals]) };
});
