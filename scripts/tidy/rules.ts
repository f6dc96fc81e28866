import { callRule } from "./call.ts";
import { citedRule, listedRule } from "./citation.ts";
import { attackRule, errorRule, errorTestRule, trustRule } from "./contract.ts";
import { declaredRule, pinRule, reasonRule } from "./dependency.ts";
import { readmeRule, staleCommandRule, stalePathRule } from "./document.ts";
import { floorRule, machineRule } from "./floor.ts";
import type { Rule } from "./project.ts";
import { pathRule, secretRule } from "./secret.ts";
import { fileLengthRule, functionLengthRule, lineLengthRule } from "./size.ts";
import { nameRule, wordRule } from "./word.ts";

/** Every rule, in the order of the report. A rule is one test of the suite `tidy`. */
export const rules: readonly Rule[] = [
  floorRule,
  machineRule,
  fileLengthRule,
  functionLengthRule,
  lineLengthRule,
  wordRule,
  nameRule,
  callRule,
  secretRule,
  pathRule,
  stalePathRule,
  staleCommandRule,
  readmeRule,
  citedRule,
  listedRule,
  pinRule,
  reasonRule,
  declaredRule,
  errorRule,
  errorTestRule,
  trustRule,
  attackRule,
];
