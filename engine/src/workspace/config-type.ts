import { isMap, type ConfigValue } from "./config-value";
import { isInt64Text } from "./go-scalar";

export const TYPE_NAMES = ["string", "integer", "boolean", "array", "object"] as const;

/** A type that Pulumi.yaml declares for a config key. */
export interface ConfigType {
  readonly name: (typeof TYPE_NAMES)[number];
  /** Of an array. */
  readonly items?: ConfigType;
}

/** `array<integer>` and the like, as the CLI writes it. */
export function typeName({ name, items }: ConfigType): string {
  return items === undefined ? name : `array<${typeName(items)}>`;
}

/** What may be written for a type, for error messages. */
export function allowedFor(type: ConfigType): string {
  switch (type.name) {
    case "string":
      return "any text";
    case "integer":
      return "a whole number, such as 3";
    case "boolean":
      return "true or false";
    case "object":
      return "a map";
    case "array":
      return type.items === undefined ? "a list" : `a list, each item ${allowedFor(type.items)}`;
  }
}

/**
 * Whether a value fits a type. The value comes from YAML, from JSON, or is text: `config set` stores "3" for 3
 * (sdk/go/common/workspace/project.go, ValidateConfigValue).
 */
export function isType(type: ConfigType, value: ConfigValue): boolean {
  switch (type.name) {
    case "string":
      return typeof value === "string";
    case "integer":
      return typeof value === "number"
        ? Number.isInteger(value)
        : typeof value === "bigint" || (typeof value === "string" && isInt64Text(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return isMap(value);
    case "array": {
      const { items } = type;
      return Array.isArray(value) && items !== undefined && value.every((item) => isType(items, item));
    }
  }
}
