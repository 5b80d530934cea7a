import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { FileBackend, openBackend } from "../../../src/state/file-backend";
import { PassphraseSource } from "../../../src/state/passphrase";

let root: string;
let backend: FileBackend;
const NAME = { project: "p", stack: "dev" };

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "backend-"));
  backend = new FileBackend(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(root, ...parts);

describe("the layout is the CLI's", () => {
  test("state, meta and the last state as .bak", async () => {
    await backend.write(NAME, "one");
    await backend.write(NAME, "two");
    expect(await readFile(at(".pulumi", "meta.yaml"), "utf8")).toBe("version: 1\n");
    expect(await readFile(at(".pulumi", "stacks", "p", "dev.json"), "utf8")).toBe("two");
    expect(await readFile(at(".pulumi", "stacks", "p", "dev.json.bak"), "utf8")).toBe("one");
    expect((await readdir(at(".pulumi", "stacks", "p"))).sort()).toEqual(["dev.json", "dev.json.bak"]);
  });

  test("the hash that the CLI's library kept of the old content goes", async () => {
    await backend.write(NAME, "one");
    await writeFile(at(".pulumi", "stacks", "p", "dev.json.attrs"), "{}");
    await backend.write(NAME, "two");
    expect(await readdir(at(".pulumi", "stacks", "p"))).not.toContain("dev.json.attrs");
  });

  test("a state is readable by its owner only", async () => {
    await backend.write(NAME, "one");
    expect((await stat(backend.stateFile(NAME))).mode & 0o777).toBe(0o600);
  });

  test("history and backups are written beside", async () => {
    await backend.write(NAME, "one");
    await backend.addToHistory(NAME, { kind: "update" }, new Date(1000));
    expect((await readdir(at(".pulumi", "history", "p", "dev"))).sort()).toEqual([
      "dev-1000000000.checkpoint.json",
      "dev-1000000000.history.json",
    ]);
    expect(await readdir(at(".pulumi", "backups", "p", "dev"))).toEqual(["dev.1000000000.json"]);
  });

  test("stacks of all projects are listed; a removed one leaves its .bak", async () => {
    await backend.write(NAME, "one");
    await backend.write({ project: "a", stack: "x" }, "one");
    expect(await backend.list()).toEqual([{ project: "a", stack: "x" }, NAME]);
    await backend.remove(NAME);
    expect(await backend.list()).toEqual([{ project: "a", stack: "x" }]);
    expect(await readFile(`${backend.stateFile(NAME)}.bak`, "utf8")).toBe("one");
  });

  test("who wrote last is noted beside the state", async () => {
    await backend.noteWriter(NAME, "v1", "update");
    const note = JSON.parse(await readFile(at("engine.json"), "utf8")) as unknown;
    expect(note).toEqual({
      "organization/p/dev": expect.objectContaining({
        engine: "embedded",
        version: "v1",
        operation: "update",
      }) as unknown,
    });
  });
});

describe("what this engine cannot read is refused by name", () => {
  test("an older layout", async () => {
    await mkdir(at(".pulumi"));
    await writeFile(at(".pulumi", "meta.yaml"), "version: 0\n");
    await expect(backend.list()).rejects.toThrow("has version 0; this engine knows 1. Use the Pulumi CLI");
  });

  test.each(["dev.json", "dev.json.gz"])(
    "stacks of the layout before projects (%s), whose meta.yaml would hide them",
    async (file) => {
      await mkdir(at(".pulumi", "stacks"), { recursive: true });
      await writeFile(at(".pulumi", "stacks", file), "{}");
      const refusal = `has stacks of the layout before projects (${file}), which this engine does not read. Use the Pulumi CLI`;
      for (const attempt of [backend.list(), backend.read(NAME), backend.write(NAME, "{}")]) {
        await expect(attempt).rejects.toThrow(refusal);
      }
      expect(await readdir(at(".pulumi"))).toEqual(["stacks"]);
      // After the CLI's `state upgrade` there is one, and what it left is no stack of anybody's.
      await writeFile(at(".pulumi", "meta.yaml"), "version: 1\n");
      expect(await backend.list()).toEqual([]);
    },
  );

  test("a compressed state", async () => {
    await backend.write({ project: "p", stack: "other" }, "{}");
    await writeFile(`${backend.stateFile(NAME)}.gz`, "");
    await expect(backend.read(NAME)).rejects.toThrow("dev.json.gz is compressed");
  });

  test.each(["s3://bucket", "https://api.pulumi.com", "azblob://x"])("the backend %s", (url) => {
    expect(() => openBackend(url, "/")).toThrow(/is not a file:\/\/ URL.*Use the Pulumi CLI/);
  });
});

test.each([
  ["file:///srv/state", "/srv/state"],
  ["file://./state", "/srv/state"],
  ["file://~", os.homedir()],
  ["file://~/x", path.join(os.homedir(), "x")],
  ["file:///srv/a%20b?no_tmp_dir=true", "/srv/a b"],
])("%s is the folder %s", (url, folder) => {
  expect(openBackend(url, "/srv").root).toBe(folder);
});

describe("the passphrase", () => {
  test("comes from the variable, even an empty one", async () => {
    expect((await new PassphraseSource(root, { PULUMI_CONFIG_PASSPHRASE: "" }).find())?.phrase).toBe("");
  });

  test("comes from the file that a variable names, trimmed", async () => {
    await writeFile(at("phrase"), " secret \n");
    expect((await new PassphraseSource(root, { PULUMI_CONFIG_PASSPHRASE_FILE: at("phrase") }).find())?.phrase).toBe(
      "secret",
    );
    await expect(new PassphraseSource(root, { PULUMI_CONFIG_PASSPHRASE_FILE: at("none") }).find()).rejects.toThrow(
      "unable to read PULUMI_CONFIG_PASSPHRASE_FILE",
    );
  });

  test("is made once, for its owner only, and found again", async () => {
    const made = await new PassphraseSource(root, {}).findOrMake();
    expect(made.phrase).toMatch(/^[\w-]{32}$/);
    expect((await stat(at("passphrase"))).mode & 0o777).toBe(0o600);
    expect((await new PassphraseSource(root, {}).findOrMake()).phrase).toBe(made.phrase);
  });

  test("is one and the same for all who make it at once, and opens what each of them encrypted", async () => {
    const sources = Array.from({ length: 8 }, () => new PassphraseSource(root, {}));
    // Each has looked, and found none, before the first one makes it.
    expect(await Promise.all(sources.map((source) => source.find()))).toEqual(sources.map(() => undefined));
    const made = await Promise.all(sources.map((source) => source.findOrMake()));
    expect(new Set(made.map(({ phrase }) => phrase)).size).toBe(1);
    expect((await readFile(at("passphrase"), "utf8")).trim()).toBe(made[0]?.phrase);
    expect(await readdir(root)).toEqual(["passphrase"]);
  });
});
