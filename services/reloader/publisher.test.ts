import type { Applied } from "../../contract/consul-kv";
import { keptLog, until } from "../test/fakes";
import { upstreams } from "../test/upstreams";
import { generationOf } from "./generation";
import { appliedOf } from "./plan";
import { Publisher } from "./publisher";

const applied = (number: number) => appliedOf(generationOf("x", upstreams(number, [])), true, undefined);

function setUp() {
  const kv: { value?: Applied; down: boolean; sets: number } = { down: false, sets: 0 };
  const port = {
    get: () => (kv.down ? Promise.reject(new Error("refused")) : Promise.resolve(kv.value)),
    set: (value: Applied) => {
      if (kv.down) return Promise.reject(new Error("refused"));
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
  await until(() => kv.value?.generation === 1, "published");
  delete kv.value;
  await until(() => kv.value !== undefined, "published again after the wipe");
  expect(kv.sets).toBe(2);
  await end();
});

test("the newest configuration is published after an outage of Consul", async () => {
  const { kv, publisher, end } = setUp();
  kv.down = true;
  publisher.publish(applied(1));
  publisher.publish(applied(2));
  kv.down = false;
  await until(() => kv.value?.generation === 2, "the newest is published");
  await end();
});
