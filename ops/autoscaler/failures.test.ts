import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HOUR_MS, WallClock } from "../../services/test/wall-clock";
import { type AutoscaleSettings, readAutoscale } from "../../settings/autoscale";
import { AutoscalerMetrics } from "./autoscaler-metrics";
import { type Entry, Journal } from "./journal";
import { Autoscaler, type Ports } from "./loop";
import { Sampler } from "./sampler";
import { factsOf, PulumiStack } from "./stack";

const settings = readAutoscale('{"min":1,"max":9,"targetRequestsPerReplica":2}', () => undefined) as AutoscaleSettings;

/** Lets a loop run for so many seconds of its own clock, over ports of which some fail. */
async function run(seconds: number, ports: Partial<Ports>, onPause = (_second: number): void => undefined) {
  let now = 0;
  const stop = new AbortController();
  const entries: Entry[] = [];
  const said: string[] = [];
  const ups: number[] = [];
  const facts = { replicas: 2, settings };
  const metrics = new AutoscalerMetrics();
  const loop = new Autoscaler(
    {
      stack: {
        read: () => Promise.resolve(facts),
        up: (replicas) => {
          ups.push(replicas);
          facts.replicas = replicas;
          return Promise.resolve({ outcome: "done", said: "" });
        },
        interrupt: () => undefined,
      },
      sampler: { glance: () => Promise.resolve(), take: () => Promise.resolve({ replicas: [], requestsInFlight: 8 }) },
      journal: { write: (entry) => entries.push(entry), read: () => entries },
      metrics,
      say: (line) => said.push(line),
      now: () => now,
      pause: async (ms) => {
        now += ms;
        onPause(now / 1000);
        if (now >= seconds * 1000) stop.abort();
        await new Promise((resolve) => setImmediate(resolve));
      },
      ...ports,
    },
    false,
  );
  await loop.run(stop.signal);
  return { entries, said, ups, metrics: metrics.render() };
}

const decisions = (entries: Entry[]) => entries.filter((entry) => entry.kind === "decision");

test("Docker away: the load is missing, nothing is taken away, and it goes on when Docker is back", async () => {
  let isAway = true;
  const sampler = new Sampler(
    {
      read: () => (isAway ? Promise.reject(new Error("x")) : Promise.resolve(new Map([["nginx_active_requests", 8]]))),
    },
    { list: () => (isAway ? Promise.reject(new Error("connect ECONNREFUSED")) : Promise.resolve([])) },
    { seconds: () => Promise.resolve(1) },
  );
  const { entries, ups } = await run(60, { sampler }, (second) => (isAway = second < 30));
  expect(decisions(entries)[0]).toMatchObject({ replicas: 2, reason: expect.stringMatching(/^missing: /) as string });
  expect(decisions(entries)[0]?.samples).not.toHaveProperty("replicas");
  expect(ups).toEqual([4]);
});

test("a sampler that throws is missing, too", async () => {
  const fails = () => Promise.reject(new Error("EMFILE"));
  const { entries, metrics } = await run(30, { sampler: { glance: fails, take: fails } });
  expect(decisions(entries).at(-1)).toMatchObject({ current: 2, replicas: 2 });
  expect(metrics).toMatch(/autoscaler_failures_total\{what="load"\} \d+/);
});

test("a look at the stack that fails is waited out; what was seen before it is remembered", async () => {
  let count = 0;
  const ups: number[] = [];
  const stack: Ports["stack"] = {
    read: () => {
      count += 1;
      if (count === 4) return Promise.reject(new Error("spawn EMFILE"));
      return Promise.resolve(count === 5 ? { unknown: "error: no passphrase" } : { replicas: 2, settings });
    },
    up: (replicas) => {
      ups.push(replicas);
      return Promise.resolve({ outcome: "failed", said: "update failed" });
    },
    interrupt: () => undefined,
  };
  const { said } = await run(40, { stack });
  expect(said).toContain("waiting: spawn EMFILE");
  expect(said).toContain("waiting: error: no passphrase");
  // After a failure the next try has to wait for 30 s, whatever could not be read meanwhile.
  expect(ups).toEqual([4]);
});

test("a log that cannot be written is said once, and the work goes on", async () => {
  const journal = {
    write: () => {
      throw new Error("ENOSPC: no space left on device");
    },
    read: () => {
      throw new Error("EACCES");
    },
  };
  const { said, ups } = await run(60, { journal });
  expect(ups).toEqual([4]);
  expect(said.filter((line) => line.includes("ENOSPC"))).toHaveLength(1);
});

test("an `up` that cannot even be tried ends nothing", async () => {
  let isAnswering = true;
  const stack: Ports["stack"] = {
    read: (fresh) => {
      if (fresh === true) isAnswering = false;
      return isAnswering ? Promise.resolve({ replicas: 2, settings }) : Promise.reject(new Error("EMFILE"));
    },
    up: () => Promise.reject(new Error("never")),
    interrupt: () => undefined,
  };
  const { entries } = await run(60, { stack });
  expect(entries.at(-1)?.kind).toBe("end");
});

test.each([-HOUR_MS, HOUR_MS])("the wall clock is set by %d ms: decisions go on, once a period", async (ms) => {
  using clock = new WallClock();
  const counts: number[] = [];
  const entries: Entry[] = [];
  const journal = { write: (entry: Entry) => entries.push(entry), read: () => entries };
  await run(120, { journal }, (second) => {
    if (second === 22) clock.step(ms);
    if (second === 60 || second === 120) counts.push(decisions(entries).length);
  });
  expect(counts[0]).toBeGreaterThanOrEqual(10);
  expect((counts[1] ?? 0) - (counts[0] ?? 0)).toBeGreaterThanOrEqual(11);
});

test("by default nothing of it looks at the wall clock: one period after another passes while it is set", async () => {
  using clock = new WallClock();
  const stop = new AbortController();
  let taken = 0;
  const quick = { ...settings, periodSeconds: 0.02 };
  const loop = new Autoscaler(
    {
      stack: {
        read: () => Promise.resolve({ replicas: 4, settings: quick }),
        up: () => Promise.reject(new Error("not asked for")),
        interrupt: () => undefined,
      },
      sampler: {
        glance: () => Promise.resolve(),
        take: () => {
          taken += 1;
          clock.step(taken % 2 === 0 ? HOUR_MS : -HOUR_MS);
          if (taken === 6) stop.abort();
          return Promise.resolve({ requestsInFlight: 8 });
        },
      },
      journal: { write: () => undefined, read: () => [] },
      metrics: new AutoscalerMetrics(),
      say: () => undefined,
    },
    false,
  );
  await loop.run(stop.signal);
  expect(taken).toBe(6);
});

describe("of files and processes", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "autoscaler-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const script = (source: string) => {
    const file = path.join(folder, "pulumi.cjs");
    fs.writeFileSync(file, source);
    return file;
  };

  test.each(["", "null", "[]", "3", "warning: x\n{}", "{"])("outputs that cannot be read (%j) tell nothing", (json) => {
    expect(factsOf("dev", json)).toHaveProperty("unknown");
  });

  test("a command that fails tells nothing; a stack that does not exist is absent", async () => {
    const failing = script("console.error('error: incorrect passphrase'); process.exitCode = 255;");
    expect(await new PulumiStack("dev", failing, undefined).read()).toEqual({ unknown: "error: incorrect passphrase" });
    const none = script("console.error(\"error: no stack named 'dev' found\"); process.exitCode = 255;");
    expect(await new PulumiStack("dev", none, undefined).read()).toHaveProperty("absent");
  });

  test("a command that cannot be started is told as an error, and leaves nothing to interrupt", async () => {
    const stack = new PulumiStack("dev", path.join(folder, "nowhere", "scripts", "pulumi.mjs"), undefined);
    await expect(stack.read()).rejects.toThrow("ENOENT");
    expect(() => stack.interrupt()).not.toThrow();
  });

  test("what could not be read is asked for again at once, not believed", async () => {
    const count = path.join(folder, "count");
    const source = `require("node:fs").appendFileSync(${JSON.stringify(count)}, "x"); console.log("{");`;
    const stack = new PulumiStack("dev", script(source), undefined);
    await stack.read();
    await stack.read();
    expect(fs.readFileSync(count, "utf8")).toBe("xx");
  });

  test("a state file that cannot be looked at, and an interruption of nothing, end nothing", async () => {
    const notAFolder = path.join(script("console.log('{}')"), "below");
    const stack = new PulumiStack("dev", path.join(folder, "pulumi.cjs"), notAFolder);
    expect(await stack.read()).toHaveProperty("absent");
    expect(() => stack.interrupt()).not.toThrow();
  });

  test("an interruption reaches the script alone: it is the one that passes it on to the engine", async () => {
    const at = (name: string) => JSON.stringify(path.join(folder, name));
    const engine = `process.on("SIGINT", () => require("node:fs").writeFileSync(${at("engine")}, ""));
      require("node:fs").writeFileSync(${at("ready")}, ""); setInterval(() => {}, 1000);`;
    const file = script(`
      const engine = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(engine)}], { stdio: "ignore" });
      process.on("SIGINT", () => setTimeout(() => { engine.kill("SIGKILL"); process.exit(1); }, 500));`);
    const stack = new PulumiStack("dev", file, undefined);
    const up = stack.up(4);
    while (!fs.existsSync(path.join(folder, "ready"))) await new Promise((resolve) => setTimeout(resolve, 20));
    stack.interrupt();
    expect(await up).toMatchObject({ outcome: "failed" });
    expect(fs.existsSync(path.join(folder, "engine"))).toBe(false);
  });

  test("a line that a full disk cut short costs no other", () => {
    const journal = new Journal(path.join(folder, "dev.jsonl"));
    journal.write({ kind: "waiting", at: 1_000, why: "x" });
    fs.appendFileSync(journal.file, '{"time":"2026-');
    fs.renameSync(journal.file, `${journal.file}.kept`);
    fs.symlinkSync("/dev/full", journal.file);
    expect(() => journal.write({ kind: "waiting", at: 2_000, why: "y" })).toThrow("ENOSPC");
    fs.renameSync(`${journal.file}.kept`, journal.file);
    journal.write({ kind: "waiting", at: 3_000, why: "z" });
    expect(journal.read().map(({ at }) => at)).toEqual([1_000, 3_000]);
  });
});
