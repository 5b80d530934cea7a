import { createHash } from "node:crypto";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { SECRET, SIGNATURE, type ResourceState } from "../../../src/model";
import { FileBackend } from "../../../src/state/file-backend";
import { PassphraseSource } from "../../../src/state/passphrase";
import { outputsOf, StackStore } from "../../../src/state/stack-store";

// Each derived key takes a third of a second, more on a busy machine.
const FIXTURE = path.join(__dirname, "fixtures", "cli-3.260", "state.json");
const PASSPHRASE = { PULUMI_CONFIG_PASSPHRASE: "correct horse battery staple" };
const NAME = { project: "fixture", stack: "cli" };
const secret = (value: unknown): object => ({ [SIGNATURE]: SECRET, value });

let root: string;
let backend: FileBackend;

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "store-"));
  backend = new FileBackend(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function withFixture(environment: NodeJS.ProcessEnv = PASSPHRASE): Promise<StackStore> {
  const file = backend.stateFile(NAME);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, await readFile(FIXTURE));
  return store(environment);
}

function store(environment: NodeJS.ProcessEnv = PASSPHRASE): StackStore {
  return new StackStore(backend, NAME, new PassphraseSource(root, environment), "v9.9.9", undefined);
}

const stored = async (): Promise<{ version: number; checkpoint: { latest: Record<string, unknown> } }> =>
  JSON.parse(await readFile(backend.stateFile(NAME), "utf8")) as never;

describe("a state that the CLI wrote", () => {
  test("is read with its secrets", async () => {
    const snapshot = await (await withFixture()).load();
    expect(outputsOf(snapshot)).toEqual({
      nested: secret({ user: "admin", password: 'hunter2 with "quotes"' }),
      plain: { a: [true, null], b: 1 },
      unicode: secret("grüße ☕"),
    });
    expect(snapshot.resources.map(({ urn }) => urn.split("::").at(-1))).toEqual(["fixture-cli", "outer", "inner"]);
    expect(snapshot.resources[2]).toMatchObject({
      protect: true,
      custom: false,
      propertyDependencies: { password: [] },
    });
  });

  test("is written back as it was, but for who wrote it and when", async () => {
    const cli = await withFixture();
    const before = await stored();
    await cli.save(await cli.load());
    const after = await stored();
    before.checkpoint.latest.manifest = after.checkpoint.latest.manifest;
    expect(after).toEqual(before);
    // The order of the fields is Go's as well.
    expect(JSON.stringify(after)).toBe(JSON.stringify(before));
  });

  test("without its secrets it needs no passphrase", async () => {
    const snapshot = await (await withFixture({})).loadBlinded();
    expect(outputsOf(snapshot)?.unicode).toEqual(secret("[secret]"));
  });

  test("a wrong passphrase is refused by name, and the file left alone", async () => {
    const wrong = await withFixture({ PULUMI_CONFIG_PASSPHRASE: "wrong" });
    await expect(wrong.load()).rejects.toThrow(/^incorrect passphrase: .*the variable PULUMI_CONFIG_PASSPHRASE/);
    expect(await readFile(backend.stateFile(NAME), "utf8")).toBe(await readFile(FIXTURE, "utf8"));
  });

  test("no passphrase at all is told as such, and none is made up", async () => {
    await expect((await withFixture({})).load()).rejects.toThrow(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE",
    );
  });
});

describe("saving", () => {
  const resource = (over: Partial<ResourceState>): ResourceState => ({
    urn: "urn:pulumi:cli::fixture::a:b:C::one",
    custom: true,
    type: "a:b:C",
    inputs: {},
    outputs: {},
    ...over,
  });

  test("no secret is in plaintext, at any depth", async () => {
    const snapshot = {
      resources: [
        resource({
          id: "1",
          inputs: { deep: [{ token: secret("swordfish") as never }] },
          outputs: { token: secret("swordfish") as never },
        }),
      ],
      pendingOperations: [
        { type: "creating" as const, resource: resource({ inputs: { token: secret("swordfish") as never } }) },
      ],
    };
    const first = store();
    await first.save(snapshot);
    expect(await readFile(backend.stateFile(NAME), "utf8")).not.toContain("swordfish");
    expect(await store().load()).toEqual(snapshot);
  });

  test("an unchanged secret keeps its ciphertext, a changed one gets another", async () => {
    const cli = await withFixture();
    const snapshot = await cli.load();
    const ciphertextOf = async (name: string): Promise<string> => {
      const { latest } = (await stored()).checkpoint;
      const [stack] = latest.resources as { outputs: Record<string, { ciphertext: string }> }[];
      return stack?.outputs[name]?.ciphertext ?? "";
    };
    const before = [await ciphertextOf("nested"), await ciphertextOf("unicode")];
    const [stack] = snapshot.resources;
    if (stack !== undefined) stack.outputs = { ...stack.outputs, unicode: secret("new") as never };
    await cli.save(snapshot);
    expect(await ciphertextOf("nested")).toBe(before[0]);
    expect(await ciphertextOf("unicode")).not.toBe(before[1]);
  });

  test("fields that are empty are left out, `custom` and a set flag are not", async () => {
    await store().save({
      resources: [
        resource({
          dependencies: [],
          protect: false,
          delete: true,
          customTimeouts: { create: 60, update: 0 },
          created: "2026-01-01T00:00:00Z",
        }),
      ],
      pendingOperations: [],
    });
    const { latest } = (await stored()).checkpoint;
    expect(latest.resources).toEqual([
      {
        urn: "urn:pulumi:cli::fixture::a:b:C::one",
        custom: true,
        delete: true,
        type: "a:b:C",
        customTimeouts: { create: 60 },
        created: "2026-01-01T00:00:00Z",
      },
    ]);
    expect(latest).not.toHaveProperty("pending_operations");
    expect(latest.metadata).toEqual({});
  });

  test("the manifest's magic is the hash of its version, as the CLI checks it", async () => {
    await store().save({ resources: [], pendingOperations: [] });
    const { latest } = (await stored()).checkpoint;
    expect(latest.manifest).toMatchObject({
      version: "v9.9.9",
      magic: createHash("sha256").update("v9.9.9").digest("hex"),
    });
  });

  test("the salt of the config file wins over the state's", async () => {
    await withFixture();
    const passphrase = new PassphraseSource(root, PASSPHRASE);
    const { salt } = await passphrase.makeSalt();
    const renewed = new StackStore(backend, NAME, passphrase, "v9.9.9", salt);
    const snapshot = await renewed.load();
    await renewed.save(snapshot);
    const { latest } = (await stored()).checkpoint;
    expect(latest.secrets_providers).toEqual({ type: "passphrase", state: { salt } });
    expect(await store().load()).toEqual(snapshot);
  });

  test("fields of a newer CLI are carried through, in the state and in its pending operations", async () => {
    const newer = { ...resource({ hideDiff: ["a[0]"], customTimeouts: { read: 5 } }), ofTomorrow: { deep: [1] } };
    const cli = store();
    await cli.save({ resources: [newer], pendingOperations: [{ type: "updating", resource: newer }] });
    const again = store();
    await again.save(await again.load());
    const { latest } = (await stored()).checkpoint;
    const kept = { hideDiff: ["a[0]"], customTimeouts: { read: 5 }, ofTomorrow: { deep: [1] } };
    expect(latest.resources).toMatchObject([kept]);
    expect(latest).toMatchObject({ pending_operations: [{ resource: kept }] });
  });

  test("numbers that JSON lacks are kept as the CLI keeps them, in secrets too", async () => {
    const numbers = {
      nan: NaN,
      all: [Infinity, { least: -Infinity }],
      plain: 1.5,
      hidden: secret({ n: NaN }) as never,
    };
    await store().save({ resources: [resource({ inputs: numbers, outputs: numbers })], pendingOperations: [] });
    const { latest } = (await stored()).checkpoint;
    const float = (value: string) => ({ [SIGNATURE]: "8ad145fe-0d11-4827-bfd7-1abcbf086f5c", value });
    expect(latest.resources).toMatchObject([
      {
        inputs: {
          nan: float("7ff8000000000000"),
          all: [float("7ff0000000000000"), { least: float("fff0000000000000") }],
          plain: 1.5,
        },
      },
    ]);
    expect((await store().load()).resources[0]).toMatchObject({ inputs: numbers, outputs: numbers });
  });

  test("a state that is not whole is never written: the one before stays", async () => {
    const good = store();
    await good.save({ resources: [resource({})], pendingOperations: [] });
    const before = await readFile(backend.stateFile(NAME), "utf8");
    const broken = [resource({ dependencies: ["urn:pulumi:cli::fixture::a:b:C::gone"] })];
    await expect(good.save({ resources: broken, pendingOperations: [] })).rejects.toThrow(
      /would be broken: .*::gone is missing\nThis is a bug in the embedded engine, please report it/,
    );
    expect(await readFile(backend.stateFile(NAME), "utf8")).toBe(before);
  });
});
