import type { Stopping } from "../../contract/consul-kv";
import { until } from "../../lab/driver/until";
import { keptLog } from "../test/fakes";
import { due, stoppingOf, Releaser, type Running, type StoppingContainers } from "./release";

const intent = (startedAt = "2026-01-01T00:00:00Z"): Stopping => ({ startedAt, at: "2026-01-01T01:00:00Z" });
const running = (ids: string[], retired = true): Running => ({
  generation: 1,
  configHash: "h",
  settingsHash: "s",
  members: ids.map((id) => ({ name: id, containerId: id, address: `10.0.0.1:80` })),
  retired,
});

test("due are stopping containers that nginx does not route to, once no older worker is left", () => {
  const stopping = new Map([
    ["a", intent()],
    ["b", intent()],
  ]);
  expect(due(stopping, running(["a"]))).toEqual(["b"]);
  expect(due(stopping, running(["a"], false))).toEqual([]);
  expect(due(stopping, running(["a", "b"]))).toEqual([]);
  expect(due(stopping, undefined)).toEqual([]);
});

test("stop intents are parsed, and unreadable ones skipped", () => {
  const found = [
    { Key: "p/a", Value: JSON.stringify(intent()) },
    { Key: "p/b", Value: "{" },
    { Key: "p/c", Value: null },
  ];
  expect([...(stoppingOf(found, "p/") ?? []).keys()]).toEqual(["a"]);
  expect(stoppingOf(undefined, "p/")?.size).toBe(0);
  expect(stoppingOf("<html>", "p/")).toBeUndefined();
});

/** A releaser with fakes that the test controls. */
class World {
  changed: (stopping: StoppingContainers) => void = () => undefined;
  readonly released: string[] = [];
  fails = 0;
  readonly stop = new AbortController();
  readonly log = keptLog();
  readonly releaser = new Releaser(
    { watch: (changed) => (this.changed = changed) },
    {
      release: (id, startedAt) => {
        if (this.fails > 0) {
          this.fails -= 1;
          return Promise.reject(new Error("docker: timeout"));
        }
        this.released.push(`${id} ${startedAt}`);
        return Promise.resolve(true);
      },
    },
    this.log,
  );
  readonly done = this.releaser.run(this.stop.signal);

  /** Lets the releaser handle everything that is pending. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

test("a stopping replica is signalled once, when no nginx worker routes to it; its next process is signalled again", async () => {
  const world = new World();
  world.changed(new Map([["b", intent("t1")]]));
  world.releaser.observe(running(["a", "b"]));
  world.releaser.observe(running(["a"], false));
  world.releaser.observe(undefined);
  await world.settle();
  expect(world.released).toEqual([]);
  world.releaser.observe(running(["a"]));
  await world.settle();
  world.releaser.observe(running(["a"]));
  await world.settle();
  expect(world.released).toEqual(["b t1"]);
  world.changed(new Map([["b", intent("t2")]]));
  await world.settle();
  expect(world.released).toEqual(["b t1", "b t2"]);
  world.stop.abort();
  await world.done;
});

test("a replica without routes is signalled as soon as it is asked to stop, and a failure of Docker is retried", async () => {
  const world = new World();
  world.releaser.observe(running(["a"]));
  await world.settle();
  world.fails = 2;
  world.changed(new Map([["b", intent("t1")]]));
  await until("signalled after two failures", () => world.released.length > 0);
  expect(world.released).toEqual(["b t1"]);
  expect(world.log.lines.filter(({ level }) => level === "warn")).toHaveLength(2);
  world.stop.abort();
  await world.done;
});
