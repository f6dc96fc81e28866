/**
 * A keeper's loop without its surroundings, in a process of its own: puts the ticks of a story into
 * a store, with checkpoints beside them, and dies by SIGKILL right after a tick was durable.
 */
import { openStore } from "../../keeper/store/store.ts";
import { driveStory } from "./recovery-drive.ts";

const [folder, ticks, seed] = process.argv.slice(2) as [string, string, string];
const store = await openStore({ folder });
await driveStory(store, Number(seed), Number(ticks), { everyTicks: 4, waits: false });
process.kill(process.pid, "SIGKILL");
