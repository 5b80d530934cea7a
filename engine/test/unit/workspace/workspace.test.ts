import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { fullName } from "../../../src/state/file-backend";
import { Workspace } from "../../../src/workspace/workspace";

// Each derived key takes a third of a second, more on a busy machine.
let root: string;
const saved = { ...process.env };

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "workspace-"));
  await writeFile(path.join(root, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  process.env = { ...saved, PULUMI_HOME: path.join(root, "home"), PULUMI_CONFIG_PASSPHRASE: "phrase" };
  delete process.env.PULUMI_BACKEND_URL;
  delete process.env.PULUMI_STACK;
});
afterEach(async () => {
  process.env = saved;
  await rm(root, { recursive: true, force: true });
});

const open = (): Promise<Workspace> => Workspace.open(root, "v1");
const config = (stack: string): string => path.join(root, `Pulumi.${stack}.yaml`);

test("the state lies beside Pulumi.yaml, or where PULUMI_BACKEND_URL says", async () => {
  expect((await open()).backend.root).toBe(path.join(root, ".state"));
  process.env.PULUMI_BACKEND_URL = "file:///elsewhere";
  expect((await open()).backend).toMatchObject({ root: "/elsewhere", url: "file:///elsewhere" });
});

test("a new stack's salt is written to a new config file, as the CLI does", async () => {
  const stack = await (await open()).createStack({ project: "shop", stack: "dev" });
  expect(await readFile(config("dev"), "utf8")).toMatch(/^encryptionsalt: v1:/);
  expect(await stack.store.load()).toEqual({ resources: [], pendingOperations: [] });
});

test("a config file that is there stays as it is until it gets a secret", async () => {
  const dials = "# dials\nconfig:\n  shop:replicas: 2\n";
  await writeFile(config("dev"), dials);
  const workspace = await open();
  const stack = await workspace.createStack({ project: "shop", stack: "dev" });
  expect(await readFile(config("dev"), "utf8")).toBe(dials);
  await workspace.ensureSaltInConfig(stack);
  // The salt that the file then gets is the state's: both open with one key.
  expect(stack.config.salt).toBe(await (await workspace.requireStack("dev")).store.salt());
});

test("a salt that came with a clone is taken, and checked", async () => {
  const workspace = await open();
  const { salt } = await workspace.passphrase.makeSalt();
  await writeFile(config("dev"), `encryptionsalt: ${salt}\n`);
  const stack = await workspace.createStack({ project: "shop", stack: "dev" });
  expect(await stack.store.salt()).toBe(salt);
  process.env.PULUMI_CONFIG_PASSPHRASE = "other";
  await expect((await open()).createStack({ project: "shop", stack: "two" })).resolves.toBeDefined();
  await writeFile(config("three"), `encryptionsalt: ${salt}\n`);
  await expect((await open()).createStack({ project: "shop", stack: "three" })).rejects.toThrow("incorrect passphrase");
});

test("a stack is made once", async () => {
  const workspace = await open();
  await workspace.createStack({ project: "shop", stack: "dev" });
  await expect(workspace.createStack({ project: "shop", stack: "dev" })).rejects.toThrow("stack 'dev' already exists");
});

test("the selected stack is remembered per backend, where the CLI looks", async () => {
  const workspace = await open();
  await expect(workspace.requireStack(undefined)).rejects.toThrow(
    "no stack selected; specify a stack name with --stack",
  );
  await workspace.createStack({ project: "shop", stack: "dev" });
  await workspace.selection.set({ project: "shop", stack: "dev" });
  expect(fullName((await (await open()).requireStack(undefined)).name)).toBe("organization/shop/dev");
  expect(workspace.selection.file).toMatch(/home\/workspaces\/shop-[0-9a-f]{40}-workspace\.json$/);
  await workspace.selection.clear();
  expect(await (await open()).selection.get()).toBeUndefined();
});

test("under another home the selection beside the state counts, even if that home cannot be written", async () => {
  const workspace = await open();
  await workspace.createStack({ project: "shop", stack: "dev" });
  await writeFile(path.join(root, "no-folder"), "");
  process.env.PULUMI_HOME = path.join(root, "no-folder", "home");
  await (await open()).selection.set({ project: "shop", stack: "dev" });
  process.env.PULUMI_HOME = path.join(root, "other-home");
  expect((await (await open()).requireStack(undefined)).name.stack).toBe("dev");
});

test("PULUMI_STACK wins over the selection", async () => {
  process.env.PULUMI_STACK = "prod";
  expect(await (await open()).selection.get()).toBe("prod");
});

test("a stack that is not there is told with how to make it", async () => {
  await expect((await open()).requireStack("prod")).rejects.toMatchObject({
    message: "no stack named 'prod' found. Make it with `pulumi stack init prod`",
    exitCode: 6,
  });
});

test.each([
  ["dev", "organization/shop/dev"],
  ["organization/dev", "organization/shop/dev"],
  ["organization/other/dev", "organization/other/dev"],
])("%s is %s", async (text, full) => {
  expect(fullName((await open()).parseStackName(text))).toBe(full);
});

test.each(["", "a b", "x/y", "..", "a/b/c/d", "ü"])("%j is no stack name", async (text) => {
  const workspace = await open();
  expect(() => workspace.parseStackName(text)).toThrow();
});
