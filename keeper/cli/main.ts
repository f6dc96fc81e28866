import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { commands } from "./commands.ts";
import { asFailure, exit, failureDocument, failureText } from "./failure.ts";
import { holdLifeline } from "./lifeline.ts";
import { clearProgress } from "./output.ts";

holdLifeline(process.env);

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone, as `head` does: nobody is left to tell.
  if (error.code === "EPIPE") process.exit(exit.done);
  throw error;
});
await run(process.argv.slice(2));

/** Runs one command line. A user's fault is printed without a stack and exits with 2. */
async function run(words: readonly string[]): Promise<void> {
  const program = root();
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return;
    clearProgress();
    const failure = asFailure(thrown);
    if (failure === undefined) throw thrown;
    if (words.includes("--json")) {
      process.stdout.write(`${JSON.stringify(failureDocument(failure))}\n`);
    }
    process.stderr.write(`${failureText(failure)}\n`);
    // What the command had opened may still hold the process: leave when the words are out.
    process.stdout.write("", () => process.stderr.write("", () => process.exit(exit.badInput)));
  }
}

function root(): Command {
  const program = new Command("xln")
    .description(manifest.description)
    .version(manifest.version)
    .usage("COMMAND [OPTIONS]")
    .helpCommand(false)
    .addHelpText("after", "\n  hardhat …           run Hardhat under the same Node");
  program.exitOverride();
  program.configureOutput({ writeErr: () => undefined });
  for (const register of commands) register(program);
  return program;
}
