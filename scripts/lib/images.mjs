// The three images that come from outside (docs/decisions: everything else is built on them).
import { must, run } from "./run.mjs";
import { standInLabel } from "./stand-in-label.mjs";
import { makeStandIns } from "./stand-ins.mjs";
import { step } from "./steps.mjs";

export const outsideImages = ["debian:trixie-slim", "hashicorp/consul:1.19.2", "hashicorp/consul-template:0.41.1"];

/** A registry that answers names the repository within seconds; the layers may take long after that. */
const answerLimitMs = 15_000;
const pullLimitMs = 600_000;

export const imagePresent = async (tag) =>
  (await run("docker", ["image", "inspect", "--format", "{{.Id}}", tag])).code === 0;

/** Makes sure of all three, by pulling or by stand-ins of the same tags; a step is shown for what takes time. */
export async function ensureImages() {
  const presence = await Promise.all(outsideImages.map(imagePresent));
  const missing = outsideImages.filter((_, i) => !presence[i]);
  if (missing.length === 0) return step("outside images", async () => `present${await howManyStandIns()}`);
  const unavailable = [];
  let reason = "";
  await step("outside images: pull", async (say) => {
    say(missing.join(", "));
    const answers = await Promise.all(missing.map(pull));
    answers.forEach(({ ok, why }, i) => {
      if (!ok) unavailable.push(missing[i]);
      if (!ok) reason ||= why;
    });
    if (unavailable.length === 0) return missing.join(", ");
    return `no registry gives ${unavailable.length} of ${missing.length}, stand-ins will be made: ${reason}`;
  });
  if (unavailable.length > 0) await makeStandIns(unavailable, step);
}

/** Asked of the three only: images built on a stand-in inherit its label. */
async function howManyStandIns() {
  const format = `{{index .Config.Labels "${standInLabel}"}}`;
  const { stdout } = await must("docker", ["image", "inspect", "--format", format, ...outsideImages]);
  const count = stdout.split("\n").filter((label) => label === "true").length;
  return count ? `, ${count} of them stand-ins` : "";
}

/** { ok, why }: gives up within seconds when nothing answers, and lets a download that began take its time. */
async function pull(tag) {
  let timer;
  const quiet = { hit: false };
  const result = await run("docker", ["pull", tag], {
    timeoutMs: pullLimitMs,
    onStart: (child) => (timer = setTimeout(() => ((quiet.hit = true), child.kill("SIGTERM")), answerLimitMs)),
    onLine: (line) => /Pulling from|Pulling fs layer|Digest:/.test(line) && clearTimeout(timer),
  });
  clearTimeout(timer);
  if (result.code === 0) return { ok: true };
  const said = result.stderr
    .trim()
    .split("\n")
    .at(-1)
    ?.replace(/^Error response from daemon: /, "");
  return {
    ok: false,
    why: quiet.hit ? `no answer in ${answerLimitMs / 1000} s` : result.timedOut ? "the download stood still" : said,
  };
}
