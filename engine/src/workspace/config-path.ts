/** What stands at a path in a config value. */
import { Failure, messageOf } from "../failure";
import { parsePath, type PropertyPath } from "../property-path";
import { isMap, type ConfigMap, type ConfigValue } from "./config-value";
import { isInt64Text, isUint64Text, narrow, toBigInt } from "./go-scalar";

/** Takes the path of a config key apart: its first part is the key's name. @throws Failure that names the path */
export function parseConfigPath(text: string): { name: string; path: PropertyPath } {
  const [name, ...path] = readPath(text);
  if (name === undefined) throw new Failure("empty config key path");
  if (typeof name !== "string") throw new Failure("first path segement of config key must be a string");
  if (name === "") throw new Failure("config key is empty");
  return { name, path };
}

function readPath(text: string): PropertyPath {
  try {
    return parsePath(text, { strict: true });
  } catch (error) {
    throw new Failure(`invalid config key path: ${messageOf(error)}`);
  }
}

/** A key may be called `constructor`. */
function own(map: ConfigMap, key: string): ConfigValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** @returns undefined when there is nothing at that path. */
export function getAtPath(value: ConfigValue | undefined, path: PropertyPath): ConfigValue | undefined {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current) && typeof step === "number") current = current[step];
    else if (isMap(current) && typeof step === "string") current = own(current, step);
    else return undefined;
  }
  return current;
}

/** @returns the value with the change; containers on the way are made as needed. */
export function setAtPath(
  value: ConfigValue | undefined,
  path: PropertyPath,
  change: ConfigValue,
  depth = 0,
): ConfigValue {
  const [step, ...rest] = path;
  if (step === undefined) return change;
  // As the CLI: at the first level a value that is no container is overwritten, below it is an error.
  const isContainer = Array.isArray(value) || isMap(value);
  if (!isContainer && value !== undefined && value !== null && depth > 0) {
    throw new Failure(
      `could not set config: expected ${typeof step === "number" ? "an array" : "a map"} at ${String(step)}`,
    );
  }
  if (typeof step === "number") return setInList(isContainer ? value : [], step, rest, change, depth);
  return setInMap(isContainer ? value : {}, step, rest, change, depth);
}

function setInList(
  list: ConfigValue,
  index: number,
  rest: PropertyPath,
  change: ConfigValue,
  depth: number,
): ConfigValue {
  if (!Array.isArray(list)) throw new Failure("could not set config: key for a map must be a string");
  if (index < 0 || index > list.length) throw new Failure(`could not set config: [${index}]: array index out of range`);
  const copy = [...list];
  copy[index] = setAtPath(copy[index], rest, change, depth + 1);
  return copy;
}

function setInMap(map: ConfigValue, key: string, rest: PropertyPath, change: ConfigValue, depth: number): ConfigMap {
  if (!isMap(map)) throw new Failure("could not set config: key for an array must be an int");
  const copy = { ...map, [key]: setAtPath(own(map, key), rest, change, depth + 1) };
  return refuseReserved(copy);
}

/** @returns the value without what was at the path. */
export function removeAtPath(value: ConfigValue, path: PropertyPath): ConfigValue {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value) && typeof step === "number" && step in value) {
    if (rest.length === 0) return value.filter((_, index) => index !== step);
    return value.map((item, index) => (index === step ? removeAtPath(item, rest) : item));
  }
  if (!isMap(value) || typeof step !== "string") return value;
  const { [step]: _removed, ...others } = value;
  const found = own(value, step);
  if (found === undefined) return value;
  return rest.length === 0 ? refuseReserved(others) : { ...value, [step]: removeAtPath(found, rest) };
}

/** `{secure: "text"}` would be read back as an encrypted value. */
function refuseReserved(map: ConfigMap): ConfigMap {
  if (Object.keys(map).length === 1 && typeof map.secure === "string") {
    throw new Failure(`could not set config: maps with the single key "secure" are reserved`);
  }
  return map;
}

/** As `config set --path` reads a value: true, false and integers are not strings, unless they begin with 0. */
export function coerceText(text: string): ConfigValue {
  if (text === "true" || text === "false") return text === "true";
  if (text.length > 1 && text.startsWith("0")) return text;
  return isInt64Text(text) || isUint64Text(text) ? narrow(toBigInt(text)) : text;
}
