import { posix } from "node:path";
import { lineAt } from "./mask.ts";
import type { File, Project, Rule, Violation } from "./project.ts";

/** Texts that must be true today. The changelog and the decisions speak of their own time. */
const isLiving = (file: File) => /(^|\/)(README|DESIGN)\.md$/.test(file.path);

export const stalePathRule: Rule = {
  name: "stale-paths",
  what: "every path that a README or DESIGN.md names exists",
  check: (project) =>
    project.files.filter(isLiving).flatMap((file) =>
      mentions(file).flatMap((mention): readonly Violation[] => {
        if (isFound(project, file, mention.text)) return [];
        return [{ path: file.path, line: mention.line, message: `${mention.text} does not exist` }];
      }),
    ),
};

export const staleCommandRule: Rule = {
  name: "stale-commands",
  what: "every ./xln command and option that a README or DESIGN.md names exists",
  check: (project) => {
    const cli = project.sources.filter((source) => source.path.startsWith("keeper/cli/"));
    const words = cli.map((source) => source.masked.withoutComments).join("\n");
    const names = [...words.matchAll(/\.command\(\s*"([a-z]+)/g)].map((match) => match[1]);
    const known = new Set([...names, "hardhat"]);
    return project.files.filter(isLiving).flatMap((file) =>
      [...file.text.matchAll(/\.\/xln\s+([a-z]+)([^`\n|#]*)/g)].flatMap((match) => {
        const [, name = "", rest = ""] = match;
        const options = name === "hardhat" ? [] : (rest.match(/--[a-z][a-z-]*/g) ?? []);
        const unknown = [
          ...(known.has(name) ? [] : [`./xln ${name}`]),
          ...options.filter((option) => option !== "--help" && !words.includes(option)),
        ];
        const line = lineAt(file.text, match.index + 1);
        return unknown.map((what) => ({ path: file.path, line, message: `${what} is no command` }));
      }),
    );
  },
};

/** A folder with a map: what it owns and what it does not. */
export const readmeRule: Rule = {
  name: "readme",
  what: "every main folder and every floor has a README.md",
  check: (project) => {
    const main = ["contracts", "ignition", "keeper", "scripts", "test"];
    const floors = project.sources.flatMap((source) => {
      const [top, floor, file] = source.path.split("/");
      return top === "keeper" && file !== undefined ? [`keeper/${floor}`] : [];
    });
    return [...new Set([...main, ...floors])]
      .filter((folder) => project.exists(folder) && !project.exists(`${folder}/README.md`))
      .map((folder) => ({ path: folder, line: 0, message: "has no README.md" }));
  },
};

type Mention = { readonly text: string; readonly line: number };

/** Paths in code spans, code blocks and links. */
function mentions(file: File): readonly Mention[] {
  const spans = [...file.text.matchAll(/`([^`\n]+)`/g)].flatMap((match) => {
    const line = lineAt(file.text, match.index + 1);
    const tokens = (match[1] ?? "").split(/[\s,;]+/);
    // A bare name counts only if it stands alone: in a command it may be a file of the user's.
    const paths = tokens.filter((token) => (tokens.length === 1 ? isPath(token) : isDeep(token)));
    return paths.map((text) => ({ text, line }));
  });
  const links = [...file.text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => ({
    text: match[1] ?? "",
    line: lineAt(file.text, match.index + 1),
  }));
  return [...spans, ...links.filter((link) => !/^\w+:/.test(link.text))];
}

const token = /^(\.{1,2}\/)*[\w.*-]+(\/[\w.*-]+)*\/?$/;
const extension = /\.(ts|sol|md|json|csv|sh)$/;

function isPath(text: string): boolean {
  return token.test(text) && (extension.test(text) || isDeep(text));
}

/** A path with folders, which begins with one that the project may have. */
function isDeep(text: string): boolean {
  const top = /^(\.\/)?(contracts|ignition|keeper|scripts|test|typechain-types|\.adr|\.ci)\//;
  return token.test(text) && top.test(text);
}

/** From the document's folder or one above it, or, for a bare name, anywhere below the folder. */
function isFound(project: Project, file: File, mention: string): boolean {
  const folder = posix.dirname(file.path);
  const wanted = mention.split("*")[0] ?? "";
  const path = mention.includes("*") ? posix.dirname(`${wanted}x`) : mention;
  for (let base = folder; ; base = posix.dirname(base)) {
    if (project.exists(posix.join(base, path))) return true;
    if (base === ".") break;
  }
  if (path.includes("/")) return false;
  const inside = folder === "." ? "" : `${folder}/`;
  return project.files.some(
    (other) => other.path.startsWith(inside) && posix.basename(other.path) === path,
  );
}
