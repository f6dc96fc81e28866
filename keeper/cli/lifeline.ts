/**
 * A program that a run starts ends with that run, however the run ends: the run holds the other end
 * of its standard input, and the system closes that even for one that was killed.
 */

/** In the environment of such a program. Nobody else's standard input says anything about it. */
export const LIFELINE = { XLN_LIFELINE: "input" } as const;

/** Ends this process at once when its run is gone. What it has on disk is made for that. */
export function holdLifeline(environment: NodeJS.ProcessEnv): void {
  if (environment.XLN_LIFELINE !== LIFELINE.XLN_LIFELINE) return;
  const { stdin } = process;
  for (const event of ["end", "close", "error"]) stdin.once(event, () => process.exit(1));
  stdin.resume();
  // It keeps nobody from ending by itself.
  if ("unref" in stdin) stdin.unref();
}
