import { Sandbox } from "./sandbox";

// Each derived key takes a third of a second, more on a busy machine.
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.make(
    "name: shop\nruntime: nodejs\nconfig:\n  replicas: { type: integer, default: 2 }\n  docker:host: unix:///x\n",
  );
  await sandbox.write("Pulumi.dev.yaml", "# dials\nconfig:\n  shop:replicas: 3 # how many\n");
  await sandbox.run("stack init dev");
});
afterEach(() => sandbox.close());

test("set, get, list and rm", async () => {
  expect(await sandbox.run("config set replicas 5")).toEqual({ code: 0, out: "", err: "" });
  expect(await sandbox.read("Pulumi.dev.yaml")).toBe('# dials\nconfig:\n  shop:replicas: "5" # how many\n');
  expect((await sandbox.run("config get replicas")).out).toBe("5\n");
  expect((await sandbox.run("config get shop:replicas --json")).out).toBe('{\n  "value": "5",\n  "secret": false\n}\n');
  expect((await sandbox.run("config")).out).toBe("KEY          VALUE\ndocker:host  unix:///x\nreplicas     5\n");
  expect((await sandbox.run("config rm replicas")).code).toBe(0);
  expect((await sandbox.run("config get replicas")).out).toBe("2\n");
});

test("a negative number needs --", async () => {
  expect((await sandbox.run("config set replicas -1")).code).toBe(2);
  expect((await sandbox.run("config set replicas -- -1")).code).toBe(0);
  expect((await sandbox.run("config get replicas")).out).toBe("-1\n");
});

test("a secret is encrypted, shown on demand only, and brings its salt into the file", async () => {
  await sandbox.run("config set --secret token swordfish");
  const file = await sandbox.read("Pulumi.dev.yaml");
  expect(file).toMatch(/^# dials\nencryptionsalt: v1:.*\nconfig:\n(.*\n)+ {2}shop:token:\n {4}secure: v1:/);
  expect(file).not.toContain("swordfish");
  expect((await sandbox.run("config")).out).toContain("token        [secret]\n");
  expect((await sandbox.run("config --show-secrets")).out).toContain("token        swordfish\n");
  expect((await sandbox.run("config get token")).out).toBe("swordfish\n");
  expect(JSON.parse((await sandbox.run("config --json")).out)).toMatchObject({ "shop:token": { secret: true } });
  expect((await sandbox.run("config --json")).out).not.toContain("swordfish");
});

test("structures by path", async () => {
  await sandbox.run(["config", "set", "--path", "outer.list[0]", "5"]);
  await sandbox.run(["config", "set", "--path", "outer.list[1]", "--secret", "swordfish"]);
  await sandbox.run(["config", "set", "--path", 'outer["a.b"]', "true"]);
  expect((await sandbox.run("config get outer")).out).toBe('{"a.b":true,"list":[5,"swordfish"]}\n');
  expect((await sandbox.run("config")).out).toContain('outer        {"a.b":true,"list":[5,"[secret]"]}\n');
  expect((await sandbox.run(["config", "get", "--path", "outer.list[0]"])).out).toBe("5\n");
  await sandbox.run(["config", "rm", "--path", "outer.list[0]"]);
  expect((await sandbox.run(["config", "get", "--path", "outer.list[0]"])).out).toBe("swordfish\n");
});

test("a value is read from what is piped in, or asked for", async () => {
  await sandbox.run("config set text", { input: "two\nlines\n" });
  expect((await sandbox.run("config get text")).out).toBe("two\nlines\n");
  await sandbox.run("config set --raw text", { input: "x\n" });
  expect((await sandbox.run("config get text")).out).toBe("x\n\n");
  await sandbox.run("config set --secret token", { answers: ["swordfish"] });
  expect((await sandbox.run("config get token")).out).toBe("swordfish\n");
  expect(await sandbox.run("config set text")).toMatchObject({
    code: 2,
    err: "config value must be specified in non-interactive mode",
  });
});

test("set-all", async () => {
  await sandbox.run("config set-all --plaintext a=1 --plaintext b=x=y --secret token=swordfish");
  expect((await sandbox.run("config --show-secrets")).out).toContain("a            1\nb            x=y\n");
  expect((await sandbox.run("config get token")).out).toBe("swordfish\n");
});

test.each([
  ["config get nothing", 1, "configuration key 'nothing' not found for stack 'dev'"],
  ["config set a:b:c 1", 1, "could not parse a:b:c as a configuration key"],
  ["config set a 1 --secret --plaintext", 2, "only one of --secret, --plaintext may be given"],
  ["config set a x --type int", 2, '"x" is no int'],
  ["config set a x --type date", 2, 'invalid type "date"; must be one of string, int, bool, or float'],
  ["config set dbPassword Xk3j4h5Qj3z45kpW9", 1, "looks like a secret; rerun with --secret to encrypt it"],
  ["config get a --stack prod", 6, "no stack named 'prod' found"],
])("`%s` is refused", async (line, code, message) => {
  const outcome = await sandbox.run(line);
  expect(outcome.code).toBe(code);
  expect(outcome.err).toContain(message);
});

test("a value's type can be given", async () => {
  await sandbox.run("config set n 5 --type int");
  expect(await sandbox.read("Pulumi.dev.yaml")).toContain("  shop:n: 5\n");
});

test("another config file can be named", async () => {
  await sandbox.write("other.yaml", "config: {}\n");
  await sandbox.run("config set a 1 --config-file other.yaml");
  expect(await sandbox.read("other.yaml")).toContain("shop:a");
  expect(await sandbox.read("Pulumi.dev.yaml")).not.toContain("shop:a");
});
