/** `state delete`, `unprotect`, `rename` and `repair`, and `stack rename`; beside the real CLI in protocol/beside-the-cli.test.ts. */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import type { ResourceState } from "../../../src/model";
import { BROKEN, provider, stack, thing, urn } from "../../support/broken-states";
import { Sandbox } from "./sandbox";

// Each derived key takes a third of a second, more on a busy machine.

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.make("name: engine-test\nruntime: nodejs\n");
  await sandbox.run("stack init dev");
});
afterEach(() => sandbox.close());

const FILE = ".state/.pulumi/stacks/engine-test/dev.json";
interface Stored {
  checkpoint: { latest: { resources?: ResourceState[] } };
}

async function put(resources: readonly ResourceState[]): Promise<void> {
  const state = JSON.parse(await sandbox.read(FILE)) as Stored;
  state.checkpoint.latest.resources = [...resources];
  await sandbox.write(FILE, JSON.stringify(state));
}
async function stored(): Promise<ResourceState[]> {
  return (JSON.parse(await sandbox.read(FILE)) as Stored).checkpoint.latest.resources ?? [];
}
const names = async (): Promise<string[]> => (await stored()).map((state) => state.urn.split("::").pop() ?? "");

const chain = [stack, provider, thing("a"), thing("b", { dependencies: [urn("a")], protect: true }), thing("c")];

describe("a broken state", () => {
  test.each(BROKEN)(
    "%s: no run and no import takes it; repair mends it, or says that it cannot",
    async (_what, message, resources, mends) => {
      await put(resources);
      const before = await sandbox.read(FILE);
      for (const line of ["preview", "up --yes", "destroy --yes", "refresh --yes"]) {
        const refused = await sandbox.run(line);
        expect({ line, code: refused.code }).toEqual({ line, code: 1 });
        expect(refused.err).toContain("the state of stack 'dev' is broken; refusing to use it");
        expect(refused.err).toContain(message);
        expect(refused.err).toContain("pulumi state repair");
      }
      const { out: exported } = await sandbox.run("stack export");
      const imported = await sandbox.run("stack import", { input: exported });
      expect(imported.code).toBe(1);
      expect(imported.err).toMatch(/state file contains errors: .*rerun with --force/s);
      expect(await sandbox.read(FILE)).toBe(before);

      const repaired = await sandbox.run("state repair --yes");
      expect(repaired.code).toBe(mends ? 0 : 1);
      if (!mends) {
        expect(repaired.err).toContain("Failed to repair the snapshot automatically");
        expect(await sandbox.read(FILE)).toBe(before);
        return;
      }
      expect(repaired.out).toContain("State repaired successfully");
      expect((await sandbox.run("state repair")).out).toBe("The snapshot is already valid; skipping repair\n");
      const whole = await sandbox.run("stack export");
      expect((await sandbox.run("stack import", { input: whole.out })).code).toBe(0);
    },
  );

  test("a manifest whose magic is not its version's is taken for damage", async () => {
    await sandbox.write(FILE, (await sandbox.read(FILE)).replace(/"magic":"../, '"magic":"xx'));
    expect((await sandbox.run("preview")).err).toContain("damaged or tampered with");
  });

  test("--force imports it with a warning, for somebody who mends it step by step", async () => {
    await put([stack, thing("a")]);
    const { out: input } = await sandbox.run("stack export");
    const forced = await sandbox.run("stack import --force", { input });
    expect(forced).toMatchObject({ code: 0, err: expect.stringMatching(/warning: .*unknown provider/) as string });
  });
});

describe("state delete", () => {
  beforeEach(() => put(chain));

  test("what nothing needs goes; what is needed, or protected, only when that is said", async () => {
    expect(await sandbox.run(["state", "delete", urn("c")])).toMatchObject({ code: 0, out: "Resource deleted\n" });
    const needed = await sandbox.run(["state", "delete", urn("a")]);
    expect(needed).toMatchObject({ code: 1 });
    expect(needed.err).toContain(`because the following resources depend on it:\n * ${urn("b")}`);
    const guarded = await sandbox.run(["state", "delete", urn("a"), "--target-dependents"]);
    expect(guarded.err).toContain(`${urn("b")} can't be safely deleted because it is protected`);
    expect(await names()).toEqual(["engine-test-dev", "default", "a", "b"]);
    const forced = await sandbox.run(["state", "rm", urn("a"), "--target-dependents", "--force"]);
    expect(forced.out).toBe("2 resources deleted\n");
    expect(await names()).toEqual(["engine-test-dev", "default"]);
  });

  test("a provider is needed by its resources, a parent by its children", async () => {
    for (const root of [provider.urn, stack.urn]) {
      const refused = await sandbox.run(["state", "delete", root]);
      expect(refused.err).toContain(urn("a"));
    }
    expect(await names()).toHaveLength(5);
  });

  test("all, an unknown one, an ambiguous one, and one of a broken state", async () => {
    expect((await sandbox.run(["state", "delete", "urn:nobody"])).err).toContain("No such resource");
    await put([...chain, thing("c", { id: "c-old", delete: true })]);
    expect((await sandbox.run(["state", "delete", urn("c")])).err).toContain("2 resources: c, c-old (to be deleted)");
    await put([...chain, thing("x", { dependencies: [urn("gone")] })]);
    expect((await sandbox.run(["state", "delete", urn("x")])).code).toBe(0);
    expect((await sandbox.run("state repair")).out).toContain("already valid");
    expect((await sandbox.run("state delete --all --force --yes")).code).toBe(0);
    expect(await names()).toEqual([]);
  });

  test("a person is asked", async () => {
    expect((await sandbox.run(["state", "delete", urn("c")], { answers: ["n"] })).err).toBe("confirmation declined");
    expect(await names()).toHaveLength(5);
    expect((await sandbox.run(["state", "delete", urn("c")], { answers: ["y"] })).code).toBe(0);
  });
});

test("state unprotect: the one, or all but what is to be deleted", async () => {
  await put([...chain, thing("b", { id: "b-old", delete: true, protect: true })]);
  expect((await sandbox.run(["state", "unprotect", urn("b")])).code).toBe(0);
  expect((await stored()).map(({ id, protect }) => [id, protect]).slice(3)).toEqual([
    ["b", undefined],
    ["c", undefined],
    ["b-old", true],
  ]);
  await put([...chain, thing("d", { protect: true })]);
  expect((await sandbox.run("state unprotect --all")).out).toBe("All resources unprotected\n");
  expect((await stored()).filter(({ protect }) => protect)).toEqual([]);
});

test("state rename: every reference follows, a provider's too; a name that is taken is refused", async () => {
  await put(chain);
  expect((await sandbox.run(["state", "rename", urn("a"), "b"])).err).toContain("already existing resource");
  expect((await sandbox.run(["state", "rename", urn("a"), "first"])).out).toBe("Resource renamed\n");
  expect((await stored())[3]).toMatchObject({ urn: urn("b"), dependencies: [urn("first")] });
  expect((await sandbox.run(["state", "rename", provider.urn, "other"])).code).toBe(0);
  expect((await stored())[2]?.provider).toBe(`${provider.urn.replace("::default", "::other")}::p1`);
  expect((await sandbox.run("state repair")).out).toContain("already valid");
});

describe("stack rename", () => {
  test("state, history, config file and selection get the name; secrets stay readable; the old one is gone", async () => {
    await sandbox.run("config set --secret token swordfish");
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const ciphertext = /token:\s*secure: (\S+)/.exec(await sandbox.read("Pulumi.dev.yaml"))?.[1] ?? "";
    const sealed = { ...secret, ciphertext };
    const reference = {
      "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e",
      urn: urn("a"),
      id: "a",
    };
    await put([
      { ...stack, outputs: { reference, sealed } },
      provider,
      thing("a"),
      thing("b", { parent: urn("a"), dependencies: [urn("a")] }),
    ]);
    await mkdir(sandbox.path(".state/.pulumi/history/engine-test/dev"), { recursive: true });
    await sandbox.write(".state/.pulumi/history/engine-test/dev/dev-1.history.json", "{}");

    expect(await sandbox.run("stack rename prod")).toMatchObject({ code: 0, out: "Renamed dev to prod\n" });
    expect((await sandbox.run("stack --show-name")).out).toBe("prod\n");
    expect((await sandbox.run("config get token")).out).toBe("swordfish\n");
    expect(existsSync(sandbox.path(FILE))).toBe(false);
    expect(existsSync(sandbox.path("Pulumi.dev.yaml"))).toBe(false);
    expect(existsSync(sandbox.path(".state/.pulumi/history/engine-test/prod/prod-1.history.json"))).toBe(true);
    const text = await readFile(sandbox.path(".state/.pulumi/stacks/engine-test/prod.json"), "utf8");
    expect(text).not.toContain("urn:pulumi:dev::");
    expect(text).toContain(ciphertext);
    expect(text).toContain("pulumi:pulumi:Stack::engine-test-prod");
    expect(text).toContain('"stack":"organization/engine-test/prod"');
    expect((await sandbox.run("state repair")).out).toContain("already valid");
  });

  test("onto a stack or a config file that exists: refused, and nothing is touched", async () => {
    await sandbox.run("stack init other --no-select");
    expect((await sandbox.run("stack rename other")).err).toContain("a stack named other already exists");
    await sandbox.write("Pulumi.third.yaml", "config: {}\n");
    expect((await sandbox.run("stack rename third")).err).toContain("Pulumi.third.yaml exists already");
    expect(existsSync(sandbox.path(FILE))).toBe(true);
    expect((await sandbox.run("stack rename dev")).err).toContain("is called 'dev' already");
    expect((await sandbox.run("stack rename a/b")).code).toBe(2);
  });
});
