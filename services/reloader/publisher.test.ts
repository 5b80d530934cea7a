import type { Applied } from "../../contract/consul-kv";
import { until } from "../../lab/driver/until";
import { keptLog } from "../test/fakes";
import { upstreams } from "../test/upstreams";
import { generationOf } from "./generation";
import { appliedOf } from "./plan";
import { Publisher } from "./publisher";

const applied = (number: number) => appliedOf(generationOf("x", upstreams(number, [])), true, undefined);

function setUp() {
  const kv: { value?: Applied; down: boolean; sets: number; refusals: number } = { down: false, sets: 0, refusals: 0 };
  const refuse = (): Promise<never> => {
    kv.refusals += 1;
    return Promise.reject(new Error("refused"));
  };
  const port = {
    get: () => (kv.down ? refuse() : Promise.resolve(kv.value)),
    set: (value: Applied) => {
      if (kv.down) return refuse();
      kv.value = value;
      kv.sets += 1;
      return Promise.resolve();
    },
  };
  const stop = new AbortController();
  const publisher = new Publisher(port, keptLog());
  const running = publisher.run(stop.signal);
  return {
    kv,
    publisher,
    end: async () => {
      stop.abort();
      await running;
    },
  };
}

test("the applied configuration is published once, and again after Consul was wiped", async () => {
  const { kv, publisher, end } = setUp();
  publisher.publish(applied(1));
  publisher.publish(applied(1));
  await until("published", () => kv.value?.generation === 1);
  delete kv.value;
  await until("published again after the wipe", () => kv.value !== undefined);
  expect(kv.sets).toBe(2);
  await end();
});

test("the newest configuration is published after an outage of Consul", async () => {
  const { kv, publisher, end } = setUp();
  kv.down = true;
  publisher.publish(applied(1));
  await until("the first is refused", () => kv.refusals > 0);
  publisher.publish(applied(2));
  const before = kv.refusals;
  await until("it is tried again", () => kv.refusals > before);
  expect(kv.value).toBeUndefined();
  kv.down = false;
  await until("the newest is published", () => kv.value?.generation === 2);
  expect(kv.sets).toBe(1);
  await end();
});
