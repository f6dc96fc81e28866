import { describe } from "mocha";
import { createMemoryQueue } from "../../../keeper/queue/memory.ts";
import { testContract } from "./contract.ts";

describe("the queue inside the process", () => {
  testContract(async (trouble) => createMemoryQueue(trouble));
});
