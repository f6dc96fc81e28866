import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

const launcher = fileURLToPath(new URL("../../xln", import.meta.url));
const tools = "cat cksum dirname grep ln mkdir mv readlink rm sh sleep uname".split(" ");

type Ending = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A project of its own in a folder with a space, and a PATH with nothing but what a test puts. */
describe("the launcher", () => {
  let root = "";
  let home = "";
  let bin = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "xln launcher "));
    home = join(root, "the project");
    bin = join(root, "bin");
    mkdirSync(join(home, "keeper/cli"), { recursive: true });
    mkdirSync(join(root, "elsewhere"));
    mkdirSync(bin);
    copyFileSync(launcher, join(home, "xln"));
    writeFileSync(join(home, "package-lock.json"), "{}");
    const main = "const words: string[] = process.argv.slice(2);\nconsole.log(words.join('|'));\n";
    writeFileSync(join(home, "keeper/cli/main.ts"), main);
    for (const tool of tools) symlinkSync(find(tool), join(bin, tool));
    symlinkSync(process.execPath, join(bin, "node"));
    script("npm", 'echo "$*" >>"$XLN_CALLS"; echo installed; mkdir -p node_modules');
  });

  afterEach(() => rmSync(root, { recursive: true }));

  /** Puts a shell script on PATH. */
  function script(name: string, body: string): void {
    rmSync(join(bin, name), { force: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }

  function run(words: readonly string[], file = join(home, "xln")): Promise<Ending> {
    const env = { PATH: bin, XLN_CALLS: join(root, "calls") };
    return new Promise((resolve) => {
      const cwd = join(root, "elsewhere");
      execFile(file, words, { cwd, env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });
  }

  const calls = (): readonly string[] => {
    const path = join(root, "calls");
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  };
  const stamp = () => join(home, "node_modules/.xln-installed");

  it("installs once, from any folder and through symlinks, and says so on stderr", async () => {
    symlinkSync("the project/xln", join(root, "one link"));
    symlinkSync("../one link", join(root, "elsewhere/two"));
    const first = await run(["net", "a b", ""], "./two");
    expect(first).to.deep.include({ code: 0, stdout: "net|a b|\n" });
    expect(first.stderr).to.include("installing packages").and.include("installed");
    const second = await run(["net"]);
    expect(second).to.deep.equal({ code: 0, stdout: "net\n", stderr: "" });
    expect(calls()).to.have.lengthOf(1);
    expect(calls()[0]).to.match(/^install --no-save .*--ignore-scripts/);
  });

  it("leaves no stamp when the install fails, and tries again", async () => {
    script("npm", "mkdir -p node_modules; echo no network >&2; exit 1");
    const failed = await run(["net"]);
    expect(failed).to.deep.include({ code: 2, stdout: "" });
    expect(failed.stderr).to.include("no network").and.include("could not install");
    expect([existsSync(stamp()), existsSync(join(home, ".xln/installing"))]).to.deep.equal([
      false,
      false,
    ]);
    script("npm", "mkdir -p node_modules");
    expect(await run(["net"])).to.deep.include({ code: 0, stdout: "net\n" });
  });

  it("installs again when the lock file or the packages are not what they were", async () => {
    await run(["net"]);
    writeFileSync(join(home, "package-lock.json"), '{ "lockfileVersion": 3 }');
    await run(["net"]);
    expect(calls()).to.have.lengthOf(2);
    rmSync(join(home, "node_modules"), { recursive: true });
    await run(["net"]);
    expect(calls()).to.have.lengthOf(3);
  });

  it("takes over the lock of a process that died", async () => {
    mkdirSync(join(home, ".xln"));
    // Above every process id that a system gives.
    symlinkSync("pid-999999999", join(home, ".xln/installing"));
    expect(await run(["net"])).to.deep.include({ code: 0, stdout: "net\n" });
    expect(calls()).to.have.lengthOf(1);
  });

  it("installs once when three start together", async () => {
    const body = 'mkdir "$XLN_CALLS.busy" || exit 1; echo x >>"$XLN_CALLS"; mkdir -p node_modules';
    script("npm", `${body}; sleep 0.2; rm -r "$XLN_CALLS.busy"`);
    const endings = await Promise.all([run(["a"]), run(["b"]), run(["c"])]);
    expect(endings.map(({ code, stdout }) => [code, stdout])).to.deep.equal([
      [0, "a\n"],
      [0, "b\n"],
      [0, "c\n"],
    ]);
    expect(calls()).to.have.lengthOf(1);
  });

  it("says what is missing: npm, or Node", async () => {
    rmSync(join(bin, "npm"));
    const noNpm = await run(["net"]);
    expect(noNpm).to.deep.include({ code: 2, stdout: "" });
    expect(noNpm.stderr).to.include("npm is not on PATH");
    rmSync(join(bin, "node"));
    const noNode = await run(["net"]);
    expect(noNode.code).to.equal(2);
    expect(noNode.stderr).to.include("npm is not on PATH; it comes with Node");
  });

  describe("with a Node that is too old", () => {
    /** An npm that "unpacks" this very Node as the platform's package, of the given hashes. */
    const fakeNpm = (integrity: string) => `
      echo "$*" >>"$XLN_CALLS"
      case "$*" in
        *--prefix*)
          while [ "$1" != --prefix ]; do shift; done
          package=\${4%@*}
          mkdir -p "$2/node_modules/$package/bin"
          ln -s "${process.execPath}" "$2/node_modules/$package/bin/node"
          echo "${integrity}" >"$2/node_modules/.package-lock.json" ;;
        *) mkdir -p node_modules ;;
      esac`;
    const pins =
      readFileSync(launcher, "utf8")
        .replaceAll("\\\n", "")
        .match(/sha512-\S+/g) ?? [];

    for (const old of ["v20.20.2", "v22.17.1", "v23.5.0"]) {
      it(`brings the pinned one instead of ${old}, once`, async () => {
        script("node", `[ "$1" = -v ] && echo ${old} || exit 9`);
        script("npm", fakeNpm(pins.join(" ")));
        const first = await run(["net"]);
        expect(first).to.deep.include({ code: 0, stdout: "net\n" });
        expect(first.stderr).to.include("bringing");
        expect(await run(["net"])).to.deep.equal({ code: 0, stdout: "net\n", stderr: "" });
        expect(calls()).to.have.lengthOf(2);
      });
    }

    it("refuses one that is not the one pinned, and does not run it", async () => {
      script("node", "echo v20.20.2");
      script("npm", fakeNpm("sha512-other"));
      const refused = await run(["net"]);
      expect(refused).to.deep.include({ code: 2, stdout: "" });
      expect(refused.stderr).to.include("is not the one that this launcher pins");
      expect(existsSync(join(home, ".xln/node/brought"))).to.equal(false);
    });
  });

  it("runs npm's own file under the project's Node, not under the first on PATH", async () => {
    const npm = join(root, "npm-cli.js");
    const body = "fs.mkdirSync('node_modules'); fs.writeFileSync(process.env.XLN_CALLS, 'js');";
    writeFileSync(npm, `const fs = require("node:fs"); ${body}`);
    chmodSync(npm, 0o755);
    rmSync(join(bin, "npm"));
    symlinkSync("../npm-cli.js", join(bin, "npm"));
    expect(await run(["net"])).to.deep.include({ code: 0, stdout: "net\n" });
    expect(calls()).to.deep.equal(["js"]);
  });
});

/** Where a tool of the system lies. */
function find(tool: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const folder = folders.find((one) => existsSync(join(one, tool)));
  if (folder === undefined) throw new Error(`${tool} is not on PATH`);
  return join(folder, tool);
}
