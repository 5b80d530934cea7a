import { cpus, release, totalmem } from "node:os";
import { docker } from "../test/support/stack";

/** What was measured on, in one sentence. */
export async function machine(): Promise<string> {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const { Version } = await docker.version();
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Docker ${Version}, Node ${process.version}.`;
}
