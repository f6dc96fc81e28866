/** Takes one job of `ingress`, says so on standard output, and holds it until it is killed. */
import { createRedisQueue } from "../../../keeper/queue/redis.ts";

const [url = "", prefix = ""] = process.argv.slice(2);
const queue = createRedisQueue({ url, prefix, trouble: () => {}, lockMs: 500 });
queue.work(
  "ingress",
  () => {
    process.stdout.write("running\n");
    return new Promise(() => {});
  },
  1,
);
