/** Settings as a fresh stack has them: Pulumi.yaml's defaults. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { readSettings, type Settings } from "../../settings/settings";

export const PROJECT = "wordpress-autoscaling";

/** Key to its declaration in Pulumi.yaml. */
export const declared = (
  parse(fs.readFileSync(path.join(__dirname, "../../Pulumi.yaml"), "utf8")) as {
    config: Record<string, { type: string; default: string | number | boolean; description: string }>;
  }
).config;

/** `namespace:key` to string, as the program is given them. */
export const defaults = Object.fromEntries(
  Object.entries(declared).map(([key, { default: value }]) => [`${PROJECT}:${key}`, String(value)]),
);

/** What the program reads when these keys are set, and no others. */
export const settingsWith = (values: Record<string, string> = {}): Settings =>
  readSettings(
    { ...defaults, ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`${PROJECT}:${key}`, value])) },
    PROJECT,
  );
