import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { made, World } from "../test/nginx-world";
import { upstreams } from "../test/upstreams";
import { filesPort } from "./files";
import { generationOf } from "./generation";
import { NginxNumbers } from "./nginx-numbers";
import { TimingsFile } from "./timings";

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "reloader-"))));
afterEach(() => rm(dir, { recursive: true, force: true }));

const A = made(1);

test.each([
  ["the link", "current"],
  ["what it points at", "generations"],
])("when %s is removed, it is written again before nginx may need it", async (_, name) => {
  const files = filesPort(dir, join(dir, "static.conf"));
  const here = generationOf("x", upstreams(1, ["10.0.0.1:80"]), dir);
  const world = new World();
  world.files.current = () => files.current();
  world.files.commit = async (generation) => {
    await files.commit(generation);
    world.current = generation;
  };
  world.candidate = here;
  await world.pass();
  world.start();
  await rm(join(dir, name), { recursive: true });
  await world.pass();
  expect((await files.current())?.hash).toBe(here.hash);
  expect(world.hups).toBe(0);
  expect(world.log.lines.filter(({ message }) => message.includes("written again"))).toHaveLength(1);
});

test("a failed cleanup does not prevent the report that the configuration is retired", async () => {
  const world = new World();
  world.files.prune = () => Promise.reject(new Error("EROFS"));
  await world.serveA();
  expect(world.last).toMatchObject({ configHash: A.hash, retired: true });
});

test("while the timings log is missing, its metrics are not rendered", async () => {
  const file = new TimingsFile(join(dir, "timings.log"));
  await file.ensure();
  const numbers = new NginxNumbers(() => Promise.resolve(undefined), file);
  await numbers.collect();
  await appendFile(file.path, "200 0.1\n");
  expect(await numbers.render()).toContain("nginx_upstream_response_seconds_count 1\n");
  await rm(file.path);
  await expect(numbers.collect()).rejects.toThrow("ENOENT");
  expect(await numbers.render()).not.toContain("nginx_upstream_response_seconds_count");
  await file.ensure();
  await appendFile(file.path, "200 0.1\n");
  expect(await numbers.render()).toContain("nginx_upstream_response_seconds_count 2\n");
});
