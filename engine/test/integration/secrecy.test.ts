import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildEngine, RealStack, removeEngine } from "../support/real-engine";
import { BASE, docker, Fixture, LABEL } from "./providers/fixture";

let fixture: Fixture;
beforeAll(async () => {
  buildEngine();
  fixture = await Fixture.start();
});
afterAll(async () => {
  removeEngine();
  await fixture.stop();
});

const planted = (place: string): string => `planted-${place}-${randomBytes(6).toString("hex")}`;
const secrets = { env: planted("env"), upload: planted("upload"), command: planted("command") };

const program = (name: string): string => `
import * as pulumi from "@pulumi/pulumi";
import * as docker from "@pulumi/docker";
import * as fs from "fs";
const { env, upload, command } = JSON.parse(fs.readFileSync("planted.json", "utf8"));
const labels = [{ label: ${JSON.stringify(LABEL)}, value: ${JSON.stringify(String(process.pid))} }];
const common = { image: ${JSON.stringify(BASE)}, labels, mustRun: false };
const kept = new docker.Container("kept", {
  ...common,
  name: ${JSON.stringify(name)},
  command: ["sh", "-c", "exit 0"],
  envs: [pulumi.interpolate\`PASSWORD=\${pulumi.secret(env)}\`, "OPEN=seen"],
  uploads: [{ file: "/etc/key", content: pulumi.secret("key: " + upload) }],
});
if (fs.existsSync("fail")) {
  new docker.Container("failing", { ...common, name: ${JSON.stringify(`${name}-failing`)}, command: [pulumi.secret("/" + command)] });
}
export const envs = kept.envs;
`;

test("a container's environment and uploads, and what the daemon says of a secret command", async () => {
  const name = fixture.name("secret");
  const stack = await RealStack.make(program(name));
  const said: string[] = [];
  const run = async (...words: string[]): Promise<number | null> => {
    const { code, out, err } = await stack.run(words);
    said.push(out + err);
    return code;
  };
  try {
    writeFileSync(join(stack.folder, "planted.json"), JSON.stringify(secrets));
    expect(await run("up", "-y")).toBe(0);
    const { Config } = await docker.getContainer(name).inspect();
    expect(Config.Env).toContain(`PASSWORD=${secrets.env}`);
    writeFileSync(join(stack.folder, "fail"), "");
    expect(await run("preview", "--diff")).toBe(0);
    expect(await run("up", "-y", "--json")).toBe(1);
    expect(said.at(-1)).toContain("[secret]");
    for (const words of [
      ["refresh", "-y"],
      ["stack", "output", "--json"],
      ["stack", "export"],
      ["destroy", "-y"],
    ]) {
      expect(await run(...words)).toBe(0);
    }
    const files = readdirSync(join(stack.folder, ".state"), { recursive: true, withFileTypes: true });
    for (const file of files) if (file.isFile()) said.push(readFileSync(join(file.parentPath, file.name), "utf8"));
    for (const secret of Object.values(secrets)) {
      expect(said.filter((text) => text.includes(secret) || text.includes(btoa(secret)))).toEqual([]);
    }
  } finally {
    stack.dispose();
  }
});
