/** Ranges of versions of the Pulumi CLI, as it reads them (github.com/blang/semver, ParseRange). */

/** The CLI whose behaviour this engine has: it answers for it wherever a program or a project asks for a version. */
export const CLI_VERSION = "3.260.0";

/** @throws Error that says what does not fit, or cannot be read. */
export function requireVersion(range: string): void {
  if (satisfies(CLI_VERSION, range)) return;
  throw new Error(
    `Pulumi CLI version ${CLI_VERSION} does not satisfy the version range "${range}" (this engine counts as ${CLI_VERSION})`,
  );
}

/** `>=3.0.0 !3.1.2 || 2.x`: alternatives of conditions that must all hold. @throws Error when the range cannot be read. */
export function satisfies(version: string, range: string): boolean {
  const alternatives = range
    // A blank after an operator belongs to it.
    .replace(/([<>=!]) +/g, "$1")
    .split("||")
    .map((part) =>
      part
        .trim()
        .split(/ +/)
        .map((condition) => readCondition(condition, range)),
    );
  const wanted = numbers(version);
  return alternatives.some((conditions) => conditions.every((holds) => holds(wanted)));
}

type Numbers = readonly [number, number, number];
type Condition = (version: Numbers) => boolean;

function readCondition(text: string, range: string): Condition {
  const found = /^(>=|<=|==|!=|>|<|=|!)?(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?$/.exec(text);
  const [, operator = "=", major = "", minor, patch] = found ?? [];
  const hasWildcard = minor === "x" || patch === "x";
  if (
    found === null ||
    (!hasWildcard && patch === undefined) ||
    (minor === "x" && patch !== undefined && patch !== "x")
  )
    throw new Error(`parsing CLI version range ${JSON.stringify(range)}: could not read ${JSON.stringify(text)}`);
  const from: Numbers = [Number(major), minor === "x" ? 0 : Number(minor), hasWildcard ? 0 : Number(patch)];
  if (!hasWildcard) return (version) => compares(operator, compare(version, from));
  const to: Numbers = minor === "x" ? [from[0] + 1, 0, 0] : [from[0], from[1] + 1, 0];
  const below = (version: Numbers): boolean => compare(version, from) < 0;
  const above = (version: Numbers): boolean => compare(version, to) >= 0;
  switch (operator) {
    case ">":
      return above;
    case ">=":
      return (version) => !below(version);
    case "<":
      return below;
    case "<=":
      return (version) => !above(version);
    case "!":
    case "!=":
      return (version) => below(version) || above(version);
    default:
      return (version) => !below(version) && !above(version);
  }
}

function compares(operator: string, order: number): boolean {
  switch (operator) {
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "!":
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}

function numbers(version: string): Numbers {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return [major, minor, patch];
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
