// From Docker's event to nginx serving what follows from it: samples of a running stack, one replica stopped and started again and again.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { containersOf } from "./labels.mjs";
import { must } from "./run.mjs";

/** The value below which the share `p` of the values lies (nearest rank). */
export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, probe, limitMs = 120_000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`after ${limitMs / 1000} s still not: ${what}`);
    await pause(20);
  }
}

/** Follows a container's events; `after(action, ms)` waits for one that is not older than that. */
function eventsOf(id) {
  const seen = [];
  const args = ["events", "--filter", `container=${id}`, "--format", "{{.TimeNano}} {{.Action}}"];
  const child = spawn("docker", args, { stdio: ["ignore", "pipe", "inherit"] });
  createInterface(child.stdout).on("line", (line) => {
    const [nano, ...action] = line.split(" ");
    seen.push({ action: action.join(" "), atMs: Number(nano) / 1e6 });
  });
  return {
    after: (action, ms) =>
      until(`event ${action}`, async () => seen.find((one) => one.action.startsWith(action) && one.atMs >= ms)?.atMs),
    end: () => child.kill(),
  };
}

/** What consul-template's container logged since then, its JSON lines. */
async function linesSince(id, ms) {
  const { stdout } = await must("docker", ["logs", "--since", (ms / 1000).toFixed(3), id]);
  return stdout.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

/**
 * Takes `count` samples of each way: { start: [sample], healthy: [sample], kill: [sample] }, a sample being the ms from the event until
 * `healthy` (Docker says so; 0 or less where it is the event itself, or does not apply), `registered` (registrator had told Consul), `rendered` (consul-template had written), `checked` (nginx -t had passed and it
 * was current), `serving` (a new worker answered) and `retired` (the last old worker was gone).
 */
export async function measureLatency(stack, count, onSample = () => undefined) {
  const all = (await containersOf(stack)).filter(({ state }) => state === "running");
  const role = (name) => all.filter((one) => one.role === name);
  const [consul, renderer, registrator] = ["consul", "consul-template", "registrator"].map((name) => role(name)[0]?.id);
  const replicas = role("wordpress");
  if (!consul || !renderer || !registrator || replicas.length < 2)
    throw new Error(`stack ${stack} must run, with two replicas or more`);
  const { id, name } = replicas.at(-1);
  const port = (await must("docker", ["port", consul, "8500/tcp"])).stdout.trim().split("\n")[0].split(":").at(-1);
  const key = `http://127.0.0.1:${port}/v1/kv/wordpress-autoscaling/${stack}/nginx/applied?raw`;
  const applied = async () => (await fetch(key)).json();
  const isIn = ({ members }) => members.some(({ containerId }) => containerId === id);
  const events = eventsOf(id);
  const samples = { start: [], healthy: [], kill: [] };
  try {
    await pause(500);
    await until("nothing is under way", async () => ((await applied()).retired ? true : undefined));
    const one = async (kind, act, event, wanted) => {
      const began = Date.now();
      const acted = act();
      const atMs = await events.after(event, began);
      await until("acknowledged", async () => (isIn(await applied()) === wanted ? true : undefined));
      await until("retired", async () => {
        const now = await applied();
        return isIn(now) === wanted && now.retired ? true : undefined;
      });
      const rendered = await must("docker", [
        "exec",
        renderer,
        "stat",
        "-c",
        "%.3Y",
        "/srv/nginx/candidate/upstreams.conf",
      ]);
      const [reloads, registrations] = await Promise.all([linesSince(renderer, began), linesSince(registrator, began)]);
      await acted;
      const { configHash } = await applied();
      const at = (line) => (line === undefined ? NaN : Date.parse(line.time) - atMs);
      const told = (line) =>
        line.message === (wanted ? "register" : "maintenance") && Date.parse(line.time) >= atMs - 1;
      const sample = {
        healthy: wanted ? 0 : NaN,
        registered: at(registrations.find(told)),
        rendered: Number(rendered.stdout) * 1000 - atMs,
        checked: at(reloads.find((line) => line.message === "current" && line.configHash === configHash)),
        serving: at(reloads.find((line) => line.message === "serving" && line.configHash === configHash)),
        retired: at(
          reloads.find((line) => line.message === "applied" && line.configHash === configHash && line.retired),
        ),
      };
      samples[kind].push(sample);
      onSample(kind, samples[kind].length, sample);
      if (!wanted) return;
      // The same run, counted from the container's start: what the replica itself takes to be ready comes on top.
      const readyMs = atMs - (await events.after("start", began));
      const fromStart = Object.fromEntries(Object.entries(sample).map(([stage, ms]) => [stage, ms + readyMs]));
      samples.start.push(fromStart);
      onSample("start", samples.start.length, fromStart);
    };
    for (let turn = 0; turn < count; turn += 1) {
      await one("kill", () => must("docker", ["stop", id]), "kill", false);
      await one("healthy", () => must("docker", ["start", id]), "health_status: healthy", true);
    }
  } finally {
    events.end();
    await must("docker", ["start", id]);
  }
  return { name, samples };
}
