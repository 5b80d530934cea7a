/** The random provider: values that are made once and then kept in the state. */
import { randomBytes, randomInt } from "node:crypto";
import {
  UNKNOWN,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DiffRequest,
  type DiffResult,
  type JsonObject,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../../provider";
import { checkInputs } from "../check";
import { diffInputs } from "../plan";
import { atLeast, text, type Field, type Fields } from "../schema";
import { isObject, number, text as textOf, withoutReserved } from "../value";
import { bcryptHash } from "./bcrypt";
import { randomText } from "./text";

interface Kind {
  readonly fields: Fields;
  /** What the real provider stores as `schema_version`; it stores none for version 0. */
  readonly schemaVersion?: string;
  readonly outputs: readonly string[];
  /** What single properties cannot see. */
  invalid?(inputs: JsonObject): string | undefined;
  /** @param inputs with all defaults */
  make(inputs: JsonObject): CreateResult;
}

const keepers: Field = { kind: "map", replaces: true };
const whole: Field = { kind: "int", replaces: true };
const yes: Field = { kind: "bool", default: true, replaces: true };
const count: Field = { kind: "int", default: 0, replaces: true, invalid: atLeast(0) };
const MINIMA = ["minUpper", "minLower", "minNumeric", "minSpecial"];

const textFields: Fields = {
  keepers,
  length: { ...whole, required: true, invalid: atLeast(1) },
  upper: yes,
  lower: yes,
  numeric: yes,
  /** The old name of `numeric`. */
  number: yes,
  special: yes,
  minUpper: count,
  minLower: count,
  minNumeric: count,
  minSpecial: count,
  overrideSpecial: { kind: "text", replaces: true },
};

function invalidText(inputs: JsonObject): string | undefined {
  const least = MINIMA.reduce((sum, key) => sum + number(inputs, key), 0);
  if (typeof inputs["length"] === "number" && inputs["length"] < least) {
    return `length is ${inputs["length"]}, and ${MINIMA.join(", ")} together need ${least}`;
  }
  const none = ["upper", "lower", "numeric", "special"].every((key) => inputs[key] === false);
  return none
    ? "one of upper, lower, numeric and special must be true: there is no character left to choose from"
    : undefined;
}

const makeText = (inputs: JsonObject): string =>
  randomText({
    length: number(inputs, "length"),
    upper: inputs["upper"] === true,
    lower: inputs["lower"] === true,
    numeric: inputs["numeric"] === true,
    special: inputs["special"] === true,
    minUpper: number(inputs, "minUpper"),
    minLower: number(inputs, "minLower"),
    minNumeric: number(inputs, "minNumeric"),
    minSpecial: number(inputs, "minSpecial"),
    overrideSpecial: textOf(inputs, "overrideSpecial"),
  });

const made = (id: string, inputs: JsonObject, outputs: JsonObject, withId = true): CreateResult => ({
  id,
  outputs: { ...inputs, ...outputs, ...(withId ? { id } : {}) },
});

const kinds: Readonly<Record<string, Kind>> = {
  "random:index/randomPassword:RandomPassword": {
    fields: textFields,
    schemaVersion: "3",
    outputs: ["result", "bcryptHash"],
    invalid: invalidText,
    make(inputs) {
      const result = makeText(inputs);
      return made("none", inputs, { result, bcryptHash: bcryptHash(result) });
    },
  },
  "random:index/randomString:RandomString": {
    fields: textFields,
    schemaVersion: "2",
    outputs: ["result"],
    invalid: invalidText,
    make(inputs) {
      const result = makeText(inputs);
      return made(result, inputs, { result });
    },
  },
  "random:index/randomId:RandomId": {
    fields: {
      keepers,
      byteLength: { ...whole, required: true, invalid: atLeast(1) },
      prefix: { ...text, replaces: true },
    },
    outputs: ["b64Std", "b64Url", "dec", "hex"],
    make(inputs) {
      const bytes = randomBytes(number(inputs, "byteLength"));
      const prefix = textOf(inputs, "prefix");
      const hex = bytes.toString("hex");
      const id = bytes.toString("base64url");
      const forms = { b64Std: bytes.toString("base64"), b64Url: id, dec: BigInt(`0x${hex}`).toString(), hex };
      return made(id, inputs, Object.fromEntries(Object.entries(forms).map(([key, form]) => [key, prefix + form])));
    },
  },
  "random:index/randomBytes:RandomBytes": {
    fields: { keepers, length: { ...whole, required: true, invalid: atLeast(1) } },
    outputs: ["base64", "hex"],
    make(inputs) {
      const bytes = randomBytes(number(inputs, "length"));
      const base64 = bytes.toString("base64");
      return made(base64, inputs, { base64, hex: bytes.toString("hex") }, false);
    },
  },
  "random:index/randomInteger:RandomInteger": {
    fields: {
      keepers,
      min: { ...whole, required: true },
      max: { ...whole, required: true },
      seed: {
        kind: "text",
        refused: "a seeded value would have to come from Go's generator. Leave it out, or write the number itself",
      },
    },
    outputs: ["result"],
    invalid: ({ min, max }) =>
      typeof min === "number" && typeof max === "number" && min > max ? `min is ${min}, above max, ${max}` : undefined,
    make(inputs) {
      const result = randomInt(number(inputs, "min"), number(inputs, "max") + 1);
      return made(String(result), inputs, { result });
    },
  },
  "random:index/randomUuid:RandomUuid": {
    fields: { keepers },
    outputs: ["result"],
    make(inputs) {
      const result = randomBytes(16)
        .toString("hex")
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      return made(result, inputs, { result });
    },
  },
};

function kindOf(type: string): Kind {
  const kind = kinds[type];
  if (kind === undefined) {
    throw new Error(`this engine's random provider has no ${type}; it has ${Object.keys(kinds).join(", ")}`);
  }
  return kind;
}

const plain = (value: JsonObject): JsonObject => {
  const result = withoutReserved(value);
  return isObject(result) ? result : {};
};

/** The inputs with every default; `number` and `numeric` are two names of one property. */
function complete(kind: Kind, inputs: JsonObject): JsonObject {
  const result: JsonObject = { ...inputs };
  const digits = inputs["numeric"] ?? inputs["number"] ?? true;
  for (const [key, field] of Object.entries(kind.fields)) {
    if (key === "number" || key === "numeric") result[key] = digits;
    else if (field.default !== undefined) result[key] ??= field.default;
  }
  return result;
}

const withMeta = (kind: Kind, outputs: JsonObject): JsonObject => ({
  ...outputs,
  ...(kind.schemaVersion === undefined ? {} : { __meta: JSON.stringify({ schema_version: kind.schemaVersion }) }),
});

const attempt = <T>(run: () => T): Promise<T> => new Promise((resolve) => resolve(run()));

function check(request: CheckRequest): CheckResult {
  const kind = kindOf(request.type);
  // The real provider writes neither defaults nor their list into the inputs.
  const fields = Object.fromEntries(
    Object.entries(kind.fields).map(([key, field]) => [key, { ...field, default: undefined }]),
  );
  const { inputs, failures } = checkInputs({ ...request, olds: undefined }, { fields });
  const reason = kind.invalid?.(complete(kind, inputs));
  const all = reason === undefined ? failures : [...failures, { property: "", reason }];
  return { inputs: plain(inputs), failures: all };
}

function diff(request: DiffRequest): DiffResult {
  const kind = kindOf(request.type);
  const news = complete(kind, plain(request.news));
  return diffInputs({ ...request, news }, { fields: kind.fields, deleteBeforeReplace: () => false });
}

function create(request: CreateRequest): CreateResult {
  const kind = kindOf(request.type);
  const inputs = complete(kind, plain(request.inputs));
  if (request.preview) {
    const unknown = Object.fromEntries(kind.outputs.map((key) => [key, UNKNOWN]));
    return { id: "", outputs: { ...inputs, ...unknown } };
  }
  const { id, outputs } = kind.make(inputs);
  return { id, outputs: withMeta(kind, outputs) };
}

/** There is nothing outside the state to look at. */
function read(request: ReadRequest): ReadResult {
  kindOf(request.type);
  if (request.outputs === undefined)
    throw new Error(`${request.name}: random values cannot be imported by this engine`);
  return { id: request.id, inputs: request.inputs, outputs: request.outputs };
}

function update(request: UpdateRequest): JsonObject {
  const kind = kindOf(request.type);
  return withMeta(kind, { ...plain(request.oldOutputs), ...complete(kind, plain(request.news)) });
}

export const randomProvider = (): Provider => {
  const provider: Provider = {
    configure: () => Promise.resolve(),

    check: (request) => attempt(() => check(request)),
    diff: (request) => attempt(() => diff(request)),
    create: (request) => attempt(() => create(request)),
    read: (request) => attempt(() => read(request)),
    update: (request) => attempt(() => update(request)),
    delete: () => Promise.resolve(),
    discard: () => Promise.resolve(true as const),
    invoke: (token) => Promise.reject(new Error(`this engine's random provider has no functions; ${token} was called`)),
    cancel: () => undefined,
    close: () => Promise.resolve(),
  };
  return provider;
};
