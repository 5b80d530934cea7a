// Which engine runs the program: the one that is asked for, else the one that ran the stack last, else Pulumi's CLI where there is one,
// else the embedded one. Either takes over what the other wrote, so nothing forbids a switch.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { run } from "./run.mjs";

const embeddedFile = join(root, "engine", "dist", "cli.js");

/**
 * The choice as a pure function: `asked` is PULUMI_ENGINE, `recorded` the engine that changed the stack last, `cliVersion` what a
 * `pulumi` on PATH answers. Throws the message for the user.
 */
export function choose({ asked, recorded, cliVersion }) {
  if (asked && asked !== "cli" && asked !== "embedded") {
    throw new Error(`PULUMI_ENGINE is "${asked}": it can be "cli" (Pulumi's own, from PATH) or "embedded".`);
  }
  if (asked === "cli" && !cliVersion) {
    throw new Error(
      "PULUMI_ENGINE is cli, and no `pulumi` on PATH answers `pulumi version`. Install it, or unset PULUMI_ENGINE.",
    );
  }
  if (asked) return asked;
  // a CLI that was taken away leaves nobody stranded
  return recorded === "embedded" || !cliVersion ? "embedded" : "cli";
}

/** What `pulumi version` answers, else undefined. */
export async function cliVersion() {
  const answer = await run("pulumi", ["version"], {
    timeoutMs: 20_000,
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  }).catch(() => undefined);
  return answer?.code === 0 ? answer.stdout.trim() || undefined : undefined;
}

export const embeddedVersion = () =>
  JSON.parse(readFileSync(join(root, "engine", "package.json"), "utf8")).version ?? "0.0.0";

/** The command line of an engine; builds the embedded one when it is not there yet. */
export async function engineCommand(engine) {
  if (engine === "cli") return { command: "pulumi", prefix: [] };
  if (!existsSync(embeddedFile)) {
    if (!existsSync(join(root, "node_modules", "esbuild"))) {
      throw new Error(
        "The packages are not installed yet. Run `npm ci` (or `npm start`, which does everything) first.",
      );
    }
    const { code, stderr } = await run(process.execPath, [join(root, "scripts", "build.mjs")]);
    if (code !== 0 || !existsSync(embeddedFile)) {
      throw new Error(`The embedded engine is not built, and building it failed. Run \`npm run build\`.\n${stderr}`);
    }
  }
  return { command: process.execPath, prefix: [embeddedFile] };
}
