/** A state as lines, without what no two runs have in common: two states are the same if their lines are. */

export interface StoredResource {
  readonly urn: string;
  readonly [field: string]: unknown;
}

export interface Stored {
  readonly resources?: readonly StoredResource[];
  readonly pending_operations?: readonly { resource: StoredResource; type: string }[];
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** Of the moment, of the program's text, or told otherwise. */
const PASSED_OVER = new Set([
  "urn",
  "type",
  "custom",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
  "id",
  "inputs",
  "outputs",
]);
const LISTS = new Set(["dependencies", "propertyDependencies"]);
/** What most resources have for their parent and their provider. */
const USUAL = /^pulumi:(pulumi:Stack|providers:pulumi-nodejs)::[\w-]+$/;

/** Of each resource one line, sorted: its name, its id, its inputs, and what else is true of it. */
export function stateLines({ resources = [], pending_operations: pending = [] }: Stored): string[] {
  const lines = resources.map((resource) => {
    const { urn, type, id, inputs = {}, outputs = {}, custom } = resource;
    const usual = custom === true ? { ...(inputs as object), made: id } : inputs;
    const isRandom = (type as string).startsWith("random:");
    const known = isRandom || (type as string).startsWith("pulumi:providers:");
    const parts = [
      short(urn),
      ...(custom === true && id !== undefined && !known ? [id as string] : []),
      show(inputs),
      // Most outputs are the inputs and the id.
      ...(isRandom || show(usual) === show(outputs) ? [] : [`-> ${show(outputs)}`]),
      ...Object.entries(resource)
        .flatMap(([field, value]) => {
          const passed = PASSED_OVER.has(field) || isEmpty(value) || USUAL.test(show(value));
          return passed ? [] : [`${field}=${show(LISTS.has(field) ? sorted(value) : value)}`];
        })
        .sort(),
    ];
    return parts.join(" ");
  });
  return [...lines.sort(), ...pending.map(({ type, resource }) => `pending: ${type} ${short(resource.urn)}`).sort()];
}

/** Nothing depends on the order of these, nor on a property that depends on nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(String).sort();
  const entries = Object.entries(value as object).filter(([, urns]) => !isEmpty(urns));
  return Object.fromEntries(entries.map(([key, urns]) => [key, sorted(urns)]));
}

/** Neither engine tells apart what is absent, false or empty. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  if (typeof value !== "object") return false;
  return Object.values(value).every(isEmpty);
}

/** JSON with its keys sorted, without quotes where nobody needs them. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(" ")}]`;
  if (typeof value === "string") return short(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const map = value as Record<string, unknown>;
  // Each encryption is another text.
  if (map[SIGNATURE] === SECRET) return "[secret]";
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  // The code of a dynamic provider is the program's, and the same for all; the version that a reference has not, the CLI writes as "".
  const told = entries.filter(([key, each]) => key !== "__provider" && !(key === "packageVersion" && each === ""));
  return `{${told.map(([key, each]) => `${key}: ${show(each)}`).join(", ")}}`;
}

/** URNs without stack and project, references without the random ids of providers. */
function short(text: string): string {
  if (!text.startsWith("urn:pulumi:")) return text;
  return text
    .replace(/^urn:pulumi:[^:]*::[^:]*::/, "")
    .replace(/::[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "")
    .replaceAll("pulumi-nodejs:dynamic:Resource", "Thing")
    .replaceAll("conformance:index:", "");
}
