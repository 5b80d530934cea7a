import { parseArgs } from "node:util";
import type { Form, Scene } from "./scenes";

export interface Options {
  form: Form;
  /** Names of the scenes to play, in their order. */
  scenes: string[];
  /** Requests a second. */
  rate: number;
  /** Where the results go as JSON. */
  json?: string;
  /** Puts the results into docs/campaign.md. */
  write: boolean;
  /** Measures routed and reload times by the number of replicas instead. */
  growth: boolean;
}

export const usage = (scenes: readonly Scene[]): string =>
  `Usage: npm run campaign [-- [--short] [--scenes NAME,...] [--rate N] [--json FILE] [--write]]
       npm run campaign -- --growth [--json FILE] [--write]
       npm run campaign -- --daemon [...]     plays the restart of Docker's daemon alone: every container of this host ends with it
Scenes: ${scenes.map(({ name }) => name).join(", ")}`;

/** @throws Error with the usage */
export function readOptions(args: string[], scenes: readonly Scene[]): Options {
  const wrong = (what: string): Error => new Error(`${what}\n${usage(scenes)}`);
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        short: { type: "boolean", default: false },
        growth: { type: "boolean", default: false },
        daemon: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        scenes: { type: "string" },
        rate: { type: "string" },
        json: { type: "string" },
      },
    }));
  } catch (error) {
    throw wrong((error as Error).message);
  }
  const form = values.short ? "short" : "long";
  const rate = Number(values.rate ?? (values.short ? 40 : 60));
  if (!Number.isInteger(rate) || rate < 1 || rate > 500) {
    throw wrong(`--rate ${values.rate ?? ""}: a whole number of requests a second from 1 to 500`);
  }
  const usual = scenes.filter(({ longOnly, name }) => name !== "daemon" && !(values.short && longOnly));
  const names = values.daemon ? ["daemon"] : values.scenes?.split(",");
  const unknown = (names ?? []).find((name) => !scenes.some((scene) => scene.name === name));
  if (unknown !== undefined) throw wrong(`There is no scene ${unknown}`);
  if (!values.daemon && names?.includes("daemon") === true) throw wrong("The scene daemon is asked for by --daemon");
  const chosen = names === undefined ? usual : scenes.filter(({ name }) => names.includes(name));
  return {
    form,
    scenes: chosen.map(({ name }) => name),
    rate,
    write: values.write,
    growth: values.growth,
    ...(values.json !== undefined && { json: values.json }),
  };
}
