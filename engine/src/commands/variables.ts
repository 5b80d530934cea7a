/** Variables of the CLI that would change what is done, and that this engine does not heed: refused by name. */
import { EXIT, Failure } from "../failure";
import { USE_THE_CLI } from "./flags";

/** How a state is stored: by every command. */
const OF_STATES = [
  "DIY_BACKEND_GZIP",
  "DIY_BACKEND_ZSTD",
  "DIY_BACKEND_LEGACY_LAYOUT",
  "DIY_BACKEND_RETAIN_CHECKPOINTS",
];

/** How a deployment is run. */
const OF_RUNS = [
  "DEBUG_LANGUAGES",
  "DEBUG_PROVIDERS",
  "DISABLE_OUTPUT_VALUES",
  "DISABLE_PROVIDER_PREVIEW",
  "DISABLE_RESOURCE_REFERENCES",
  "ENABLE_LEGACY_DIFF",
  "ENABLE_LEGACY_REFRESH_DIFF",
  "ENABLE_STREAMING_JSON_PREVIEW",
  "EXPERIMENTAL",
  "LANGUAGE_NODEJS_RUN_PATH",
  "LEGACY_PROVIDER_PREVIEW",
  "RUN_PROGRAM",
];

/** @throws Failure that names the variable. */
export function refuseVariables(of: "states" | "runs", environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of of === "states" ? OF_STATES : OF_RUNS) {
    const text = environment[`PULUMI_${name}`];
    if (text === undefined || ["", "0", "false"].includes(text.toLowerCase())) continue;
    throw new Failure(`PULUMI_${name} is set to ${JSON.stringify(text)}. ${USE_THE_CLI}, or unset it`, EXIT.usage);
  }
}
