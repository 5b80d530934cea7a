import { mkdir, mkdtemp, readdir, readFile, readlink, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { upstreams } from "../test/upstreams";
import { checkable, filesPort } from "./files";
import { generationOf } from "./generation";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "reloader-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const port = () => filesPort(dir, join(dir, "static.conf"));
const made = (generation: number, addresses = ["10.0.0.1:80"]) =>
  generationOf("events {}", upstreams(generation, addresses), dir);

async function render(text: string) {
  await mkdir(join(dir, "candidate"), { recursive: true });
  await writeFile(join(dir, "candidate", "upstreams.conf"), text);
}

test("no candidate before the first render; an error while the static configuration is missing", async () => {
  expect(await port().candidate()).toBeUndefined();
  await render(upstreams(1, []));
  expect(await port().candidate()).toBeInstanceOf(Error);
  await writeFile(join(dir, "static.conf"), "events {}");
  expect(await port().candidate()).toEqual(made(1, []));
});

test("a committed generation is current, by a relative link, and no staging files are left", async () => {
  expect(await port().current()).toBeUndefined();
  await port().stage(made(1));
  await port().commit(made(1));
  await port().commit(made(2));
  expect(await port().current()).toEqual(made(2));
  expect(await readlink(join(dir, "current"))).toBe(`generations/${made(2).hash}`);
  expect((await readdir(join(dir, "generations"))).sort()).toEqual([made(1).hash, made(2).hash].sort());
  expect(await readFile(join(dir, "current", "upstreams.conf"), "utf8")).toBe(made(2).files["upstreams.conf"]);
});

test("a torn write, as after a power cut, does not count as a configuration", async () => {
  await port().commit(made(1));
  await writeFile(join(dir, "current", "upstreams.conf"), "");
  expect(await port().current()).toBeUndefined();
  await port().commit(made(1));
  expect(await port().current()).toEqual(made(1));
});

test("only the newest generations are kept, and always those in use", async () => {
  const all = [1, 2, 3, 4, 5, 6].map((number) => made(number));
  for (const [index, generation] of all.entries()) {
    await port().commit(generation);
    await utimes(join(dir, "generations", generation.hash), index, index);
  }
  const [first, , , , fifth, sixth] = all.map(({ hash }) => hash);
  await port().prune(new Set([first ?? "", sixth ?? ""]));
  expect((await readdir(join(dir, "generations"))).sort()).toEqual([first, fifth, sixth].sort());
});

test("a check leaves no socket of nginx's name behind, and keeps the lines in place", () => {
  const conf = `events {}\nhttp {\n  listen unix:${dir}/status.sock;\n}\n`;
  const files = checkable({ ...made(1).files, "nginx.conf": conf }, dir, join(dir, "generations/.staging"));
  expect(files["nginx.conf"]).not.toContain(`${dir}/status.sock`);
  expect(files["generation.conf"]).not.toContain(`${dir}/serving-`);
  expect(files["nginx.conf"].split("\n")).toHaveLength(conf.split("\n").length);
});
