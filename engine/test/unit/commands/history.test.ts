import { mkdir, writeFile } from "node:fs/promises";
import { Sandbox } from "./sandbox";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.make();
  await sandbox.run("stack init dev");
});
afterEach(() => sandbox.close());

/** A file as the CLI 3.260 writes it. */
async function past(stamp: number, update: object): Promise<void> {
  const folder = sandbox.path(".state", ".pulumi", "history", "shop", "dev");
  await mkdir(folder, { recursive: true });
  const file = `${folder}/dev-${stamp}`;
  await writeFile(`${file}.history.json`, JSON.stringify(update));
  await writeFile(`${file}.checkpoint.json`, "{}");
}

const UPDATE = {
  kind: "update",
  startTime: 1_700_000_000,
  message: "first",
  environment: { "git.head": "abc", empty: "", "exec.kind": "cli" },
  config: { "shop:size": "3", "shop:list": [1, 2] },
  version: 0,
  result: "succeeded",
  endTime: 1_700_000_065,
  resourceChanges: { create: 2, same: 1 },
};

test("a stack that was never updated says so", async () => {
  expect((await sandbox.run("stack history")).out).toBe("Stack has never been updated\n");
  expect((await sandbox.run("history --page 2")).out).toBe("No stack updates found on page '2'\n");
  expect((await sandbox.run("history --json")).out).toBe("[]\n");
});

test("the latest comes first, as the CLI prints it", async () => {
  await past(1, UPDATE);
  await past(2, { ...UPDATE, kind: "destroy", message: "", result: "failed", resourceChanges: { delete: 3 } });
  const { out } = await sandbox.run("stack history --full-dates");
  const time = String(out.split("\n")[4]?.match(/Updated (.*) took/)?.[1]);
  expect(new Date(time.replace(/ (\S+)$/, "")).getTime()).toBe(1_700_000_000_000);
  expect(out.replaceAll(time, "THEN")).toBe(`Version: 0
UpdateKind: destroy
Status: failed
Message: 
+0-3~0 0 Updated THEN took 1m5s
    exec.kind: cli
    git.head: abc

Version: 0
UpdateKind: update
Status: succeeded
Message: first
+2-0~0 1 Updated THEN took 1m5s
    exec.kind: cli
    git.head: abc

`);
  expect((await sandbox.run("stack hist --page-size 1 --page 2")).out).toContain("Message: first");
});

test("as JSON, with secrets only when they are asked for", async () => {
  await sandbox.run("config set --secret password swordfish");
  const secure = /secure: (\S+)/.exec(await sandbox.read("Pulumi.dev.yaml"))?.[1];
  await past(1, { ...UPDATE, config: { ...UPDATE.config, "shop:password": { secure } } });
  const config = async (command: string): Promise<unknown> => {
    const [update] = JSON.parse((await sandbox.run(command)).out) as Record<string, unknown>[];
    expect(update).toMatchObject({
      version: 0,
      kind: "update",
      startTime: "2023-11-14T22:13:20.000Z",
      endTime: "2023-11-14T22:14:25.000Z",
      resourceChanges: { create: 2, same: 1 },
    });
    return update?.["config"];
  };
  const plain = {
    "shop:list": { value: "[1,2]", objectValue: [1, 2], secret: false },
    "shop:size": { value: "3", secret: false },
  };
  expect(await config("stack history --json")).toEqual({ ...plain, "shop:password": { secret: true } });
  expect(await config("stack history --output json --show-secrets")).toEqual({
    ...plain,
    "shop:password": { value: "swordfish", secret: true },
  });
});

test("a map's text has its keys in the CLI's order, whatever order the file has", async () => {
  await past(1, { ...UPDATE, config: { "shop:thing": { name: "<a>", sizes: [7], deep: { z: 1, b: 2 } } } });
  const { out } = await sandbox.run("stack history --json");
  const [update] = JSON.parse(out) as { config: Record<string, { value: string }> }[];
  expect(update?.config["shop:thing"]?.value).toBe('{"deep":{"b":2,"z":1},"name":"\\u003ca\\u003e","sizes":[7]}');
});

test("a damaged file is named with what is wrong", async () => {
  await past(1, { kind: "update" });
  const { code, err } = await sandbox.run("stack history");
  expect(code).toBe(1);
  expect(err).toContain("dev-1.history.json is no update of a stack: startTime");
  expect((await sandbox.run("stack history --output yaml")).err).toBe('--output is "yaml": it can be default or json');
});
