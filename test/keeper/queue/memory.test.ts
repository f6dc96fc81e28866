import { describe } from "mocha";
import { createMemoryQueue } from "../../../keeper/queue/memory.ts";
import { testContract } from "./contract.ts";
import { testFlows } from "./flow.ts";

describe("the queue inside the process", () => {
  testContract(async (trouble) => createMemoryQueue(trouble));
  testFlows(async (trouble) => createMemoryQueue(trouble));
});
