import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildEngine, RealStack, removeEngine, type Outcome } from "../support/real-engine";

beforeAll(buildEngine);
afterAll(removeEngine);

/** One for each kind of place, so that a leak tells where it comes from. Some have what quoting and escaping changes. */
const PLACES = [
  "config",
  "object",
  "input",
  "nested",
  "list",
  "output",
  "echo",
  "asset",
  "sick",
  "error",
  "quoted",
] as const;
const SECRETS = Object.fromEntries(
  PLACES.map((place) => [place, `planted-${place}-${randomBytes(6).toString("hex")}`]),
) as Record<(typeof PLACES)[number], string>;
SECRETS.quoted = `${SECRETS.quoted}"'\\ $x\nand a second line of it`;

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as fs from "fs";
const mode = fs.readFileSync("mode", "utf8");
// Dynamic resources are told what to do in plain words, and find their secrets in a file that is none of the engine's.
class Keeper implements pulumi.dynamic.ResourceProvider {
  async create(inputs: any) {
    const planted = JSON.parse(require("fs").readFileSync("planted.json", "utf8"));
    console.log("making it with " + inputs.password);
    console.error("and also with " + JSON.stringify(inputs.quoted));
    if (inputs.what === "fail") throw new Error("cannot log in with " + inputs.password + " nor " + JSON.stringify({ q: inputs.quoted }));
    if (inputs.what === "sick") {
      throw Object.assign(new Error("sick of " + inputs.password), { id: "sick", properties: inputs, reasons: ["sick of " + inputs.password] });
    }
    return { id: "kept", outs: { ...inputs, token: planted.output, url: "https://user:" + inputs.echo + "@host" } };
  }
  async diff(id: string, olds: any, news: any) { return { changes: JSON.stringify(olds.password) !== JSON.stringify(news.password) }; }
  async update(id: string, olds: any, news: any) { return { outs: { ...olds, ...news } }; }
  async read(id: string, props: any) { return { id, props }; }
}
const keeper = new Keeper();
class Kept extends pulumi.dynamic.Resource {
  token!: pulumi.Output<string>;
  url!: pulumi.Output<string>;
  constructor(name: string, inputs: any, options?: any) { super(keeper, name, { token: undefined, url: undefined, ...inputs }, options); }
}
const secrets = JSON.parse(fs.readFileSync("planted.json", "utf8"));
const secret = (name: string) => pulumi.secret(secrets[name] as string);
const config = new pulumi.Config();
const password = config.requireSecret("password");
const settings = config.requireSecretObject<any>("settings");
const kept = new Kept("kept", {
  password: mode === "first" ? secret("input") : pulumi.interpolate\`\${secret("input")}-changed\`,
  fromConfig: password,
  settings,
  nested: { open: "seen", deep: { er: secret("nested") } },
  list: ["seen", secret("list")],
  echo: secret("echo"),
  quoted: secret("quoted"),
}, { additionalSecretOutputs: ["token"] });
const made = new random.RandomPassword("made", { length: 24 });
const text = new random.RandomString("text", { length: 24, keepers: { of: secret("input") } });
class Group extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Group", name);
    this.registerOutputs({ token: kept.token, nested: { password }, kept });
  }
}
const group = new Group("group");
console.log("the config is " + secrets.config);
console.error(["an array with", secrets.object]);
pulumi.log.info("told " + secrets.input, group);
pulumi.log.warn("warned of " + secrets.quoted, kept);
if (mode === "fail") new Kept("failing", { what: "fail", password: secret("error"), quoted: secret("quoted") });
if (mode === "sick") new Kept("ailing", { what: "sick", password: secret("sick") });
if (mode === "throw") throw new pulumi.RunError("the program has had enough of " + secrets.config);
const other = mode === "changed" ? new pulumi.StackReference("organization/proj/dev") : undefined;
export const generated = made.result;
export const outputs = { token: kept.token, url: kept.url, list: [password, settings], asset: pulumi.secret(new pulumi.asset.StringAsset(secrets.asset)) };
export const reference = kept;
export const again = other?.requireOutput("generated");
`;

/** The forms in which a text may get somewhere; whatever surrounds its marker, that must not. */
function forms(text: string): string[] {
  const marker = /^planted-\w+-[0-9a-f]{12}/.exec(text)?.[0] ?? text;
  return [marker, encodeURIComponent(marker), Buffer.from(text).toString("base64")];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("planted in every kind of place, and found in none that is kept or shown", async () => {
  const stack = await RealStack.make(PROGRAM);
  const { folder } = stack;
  const heard: [command: string, text: string][] = [];
  const run = async (command: string, mode = "first"): Promise<Outcome> => {
    writeFileSync(join(folder, "mode"), mode);
    const outcome = await stack.run(command.split(" "));
    heard.push([`${command} (${mode})`, outcome.out + outcome.err]);
    return outcome;
  };
  try {
    writeFileSync(join(folder, "planted.json"), JSON.stringify(SECRETS));
    await run(`config set password ${SECRETS.config} --secret`);
    await run(`config set --path settings.deep ${SECRETS.object} --secret`);
    expect(await run("preview --diff")).toMatchObject({ code: 0 });
    expect(await run("up -y")).toMatchObject({ code: 0 });
    expect(await run("preview --json", "changed")).toMatchObject({ code: 0 });
    expect(await run("up -y --json", "changed")).toMatchObject({ code: 0 });
    expect(await run("up -y --debug", "fail")).toMatchObject({ code: 1 });
    expect(await run("up -y --json", "sick")).toMatchObject({ code: 1 });
    expect(await run("up -y", "throw")).toMatchObject({ code: 1 });
    for (const command of ["refresh -y --diff", "stack", "stack output", "stack output --json", "stack export"]) {
      expect(await run(command, "changed")).toMatchObject({ code: 0 });
    }
    for (const command of ["config", "config --json", "preview --diff", "destroy -y --skip-preview"]) {
      // What is sick is tried again, and destroyed.
      expect(await run(command, "first")).toMatchObject({ code: 0 });
      if (command !== "config --json") continue;
      // Whoever asks for secrets gets them: what is looked for below is what there was to be found.
      const shown = await stack.run(["stack", "export", "--show-secrets"]);
      const { out } = await stack.run(["stack", "output", "generated", "--show-secrets"]);
      heard.push(["generated by random", ""]);
      for (const place of ["config", "object", "input", "nested", "list", "output", "echo", "asset", "sick"] as const) {
        expect(shown.out).toContain(SECRETS[place]);
      }
      expect(out.trim()).toHaveLength(24);
      Object.assign(SECRETS, { generated: out.trim() });
    }
    const kept = [join(folder, ".state"), join(folder, "home"), join(folder, "Pulumi.dev.yaml")]
      .flatMap((path) => (path.endsWith(".yaml") ? [path] : filesBelow(path)))
      .map((file): [string, string] => [file.slice(folder.length), readFileSync(file, "utf8")]);
    expect(kept.map(([file]) => file).join()).toMatch(/dev\.json\.bak.*/);
    expect(kept.filter(([file]) => file.includes("/history/") || file.includes("/backups/")).length).toBeGreaterThan(
      10,
    );
    const leaks = [...kept, ...heard].flatMap(([where, text]) =>
      Object.entries(SECRETS)
        .filter(([, secret]) => forms(secret).some((form) => text.includes(form)))
        .map(([place]) => `${place} in ${where}`),
    );
    expect(leaks).toEqual([]);
    const all = heard.map(([, text]) => text).join("\n");
    expect(all).toContain("cannot log in with [secret] nor");
    expect(all).toContain("the config is [secret]");
    expect(all).toContain("has had enough of [secret]");
  } finally {
    stack.dispose();
  }
});
