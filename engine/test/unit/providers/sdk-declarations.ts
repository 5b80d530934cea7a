/** The inputs that the installed SDK declares, read from its .d.ts files. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Declared {
  readonly name: string;
  readonly optional: boolean;
  /** string, number, boolean, map, or the name of a nested interface. */
  readonly type: string;
  readonly many: boolean;
}

/** @param file relative to the package */
export function declaredInputs(packageName: string, file: string, interfaceName: string): Declared[] {
  const source = readFileSync(join("node_modules", packageName, file), "utf8");
  const body = new RegExp(`export interface ${interfaceName} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`${packageName}/${file} declares no ${interfaceName}`);
  return [...body.matchAll(/^ {4}(\w+)(\??): ([^{\n]*|[^\n]*\{\n[\s\S]*?\n {4}\}.*);$/gm)].map(
    ([, name = "", optional, type = ""]) => ({
      name,
      optional: optional === "?",
      many: type.includes("[]"),
      type: type.includes("[key: string]")
        ? "map"
        : (/inputs\.(\w+)/.exec(type)?.[1] ?? /string|number|boolean/.exec(type)?.[0] ?? type),
    }),
  );
}
