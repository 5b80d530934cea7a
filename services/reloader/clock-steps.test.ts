import { until } from "../../lab/driver/until";
import { keptLog } from "../test/fakes";
import { made, World } from "../test/nginx-world";
import { HOUR_MS, WallClock } from "../test/wall-clock";
import { DesiredKeeper, type Found } from "./desired-keeper";
import { Reloader } from "./reloader";
import { reloaderMetrics } from "./reloader-metrics";

let clock: WallClock;
beforeEach(() => (clock = new WallClock()));
const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
  clock[Symbol.dispose]();
});
const stopLater = () => {
  const stop = new AbortController();
  stops.push(stop);
  return stop;
};

test.each([
  ["back", -HOUR_MS],
  ["forward", HOUR_MS],
])("with the clock set %s an hour, nginx still drops a dead replica at once", async (_, ms) => {
  const world = new World();
  const announcer = { publish: () => undefined, installing: () => undefined };
  const reloader = new Reloader(world.files, world.nginx, announcer, reloaderMetrics(), keptLog());
  const stop = stopLater();
  world.candidate = made(1, ["10.0.0.1:80", "10.0.0.2:80"]);
  await reloader.pass(stop.signal);
  world.start();
  const running = reloader.run(stop.signal);
  world.candidate = made(2, ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]);
  reloader.poke();
  await until("the first change is served", () => world.hups === 1);
  clock.step(ms);
  world.candidate = made(2);
  await until("the dead replicas are removed", () => {
    reloader.poke();
    return world.hups === 2;
  });
  stop.abort();
  await running;
});

test("with the clock set forward an hour, the wait for a wiped Consul's catalog is not cut short", async () => {
  let tell: ((found: Found) => void) | undefined;
  let isWritten = false;
  let looks = 0;
  const wanted = { generation: 7, members: [] };
  const keeper = new DesiredKeeper(
    {
      watch: (changed) => (tell = changed),
      write: () => {
        isWritten = true;
        return Promise.resolve(true);
      },
    },
    { read: () => Promise.resolve(wanted), write: () => Promise.resolve() },
    {
      served: wanted,
      get isCatalogBack() {
        looks += 1;
        return false;
      },
    },
    keptLog(),
  );
  const stop = stopLater();
  const done = keeper.run(stop.signal);
  await until("it watches Consul", () => tell !== undefined);
  tell?.({ value: undefined, index: 0 });
  clock.step(HOUR_MS);
  await until("it has looked at the catalog three times", () => looks >= 3);
  expect(isWritten).toBe(false);
  stop.abort();
  await done;
});
