import type Consul from "consul";
import { appliedKey, type Applied } from "../../contract/consul-kv";
import { until } from "../../lab/driver/until";
import { consulPort } from "../registrator/consul";
import { keptLog } from "../test/fakes";
import { upstreams } from "../test/upstreams";
import { generationOf } from "./generation";
import { appliedOf } from "./plan";
import { appliedPort, Publisher } from "./publisher";

const FOREIGN = [
  "{}",
  "null",
  "[]",
  "3",
  '"text"',
  "{",
  "<html></html>",
  '{"generation":1,"configHash":"h","members":{},"retired":true,"at":"2026-01-01T00:00:00Z"}',
  '{"generation":1,"configHash":"h","members":[null],"retired":true,"at":"2026-01-01T00:00:00Z"}',
];

const consulWith = (value: string) => {
  const store = { value };
  const kv = {
    get: (key: string) => Promise.resolve({ Key: key, Value: store.value }),
    set: (_key: string, text: string) => {
      store.value = text;
      return Promise.resolve(true);
    },
  };
  return { store, consul: { kv } as unknown as Consul };
};

test.each(FOREIGN)("an unreadable applied value is overwritten: %s", async (value) => {
  const { store, consul } = consulWith(value);
  const stop = new AbortController();
  const log = keptLog();
  const port = appliedPort(consul, "dev");
  expect(await port.get()).toBeUndefined();
  const publisher = new Publisher(port, log);
  const done = publisher.run(stop.signal);
  const applied = appliedOf(generationOf("x", upstreams(4, [])), true, undefined);
  publisher.publish(applied);
  await until("published", () => store.value.includes('"generation":4'));
  // Somebody overwrites it later.
  store.value = value;
  await until("published again", () => store.value !== value);
  expect(JSON.parse(store.value) as Applied).toMatchObject(applied);
  expect(log.lines.filter(({ level }) => level !== "info")).toEqual([]);
  expect(appliedKey("dev")).toBe("wordpress-autoscaling/dev/nginx/applied");
  stop.abort();
  await done;
});

test.each([...FOREIGN, '{"startedAt":"2026-01-01T00:00:00Z","at":"yesterday"}'])(
  "%s is not a stop intent, and does not affect the others",
  async (value) => {
    const good = { startedAt: "2026-01-01T00:00:00Z", at: "2026-01-01T00:00:01.5Z" };
    const prefix = "wordpress-autoscaling/dev/registrator/stopping/";
    const found = [
      { Key: `${prefix}a`, Value: value },
      { Key: `${prefix}b`, Value: JSON.stringify(good) },
      { Key: `${prefix}c`, Value: null },
    ];
    const consul = { kv: { get: () => Promise.resolve(found) } } as unknown as Consul;
    expect([...(await consulPort(consul, "dev").intents())]).toEqual([
      ["b", { startedAt: good.startedAt, atMs: Date.parse(good.at) }],
    ]);
  },
);
