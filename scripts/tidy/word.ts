import type { File, Project, Rule, Violation } from "./project.ts";

/** The words themselves stand here and in the tests of this rule. */
const exempt = /^(scripts\/tidy\/|test\/scripts\/tidy)/;
const words: readonly RegExp[] = [
  /\b(TODO|FIXME|XXX|HACK)\b/,
  /\b(for now|placeholders?|stubs?|stubbed)\b/i,
];
const names = new Set(
  ["util", "utils", "common", "helper", "helpers", "manager", "managers"].concat([
    "service",
    "services",
    "misc",
  ]),
);

export const wordRule: Rule = {
  name: "words",
  what: "no text promises later work or stands in for it",
  check: (project) =>
    project.files.filter(isProse).flatMap((file) =>
      file.text.split("\n").flatMap((line, index): readonly Violation[] => {
        const found = words.map((word) => word.exec(line)?.[0]).find((word) => word !== undefined);
        if (found === undefined) return [];
        return [{ path: file.path, line: index + 1, message: `the word "${found}"` }];
      }),
    ),
};

export const nameRule: Rule = {
  name: "names",
  what: "no file or folder is named after nothing in particular",
  check: (project: Project) =>
    project.files.flatMap((file) => {
      const found = file.path
        .split(/[/._-]|(?<=[a-z0-9])(?=[A-Z])/)
        .find((part) => names.has(part.toLowerCase()));
      if (found === undefined) return [];
      return [{ path: file.path, line: 0, message: `the name "${found}" says nothing` }];
    }),
};

function isProse(file: File): boolean {
  return !exempt.test(file.path) && !/\.(json|csv)$/.test(file.path);
}
