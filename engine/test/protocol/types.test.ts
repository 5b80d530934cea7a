/** Types of the program are checked as the CLI does, by ts-node, and not again until something has changed. */
import { symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { Sandbox } from "../unit/commands/sandbox";

jest.setTimeout(300_000);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.make();
  symlinkSync(dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json")))), sandbox.path("node_modules"));
  await sandbox.write("package.json", JSON.stringify({ name: "program", main: "index.ts" }));
  await sandbox.run("stack init dev");
  delete process.env.PULUMI_NODEJS_TRANSPILE_ONLY;
});
afterAll(() => sandbox.close());

const program = (size: string): string =>
  `import { unit } from "./unit"; export const size: number = ${size}; export const text = unit;
   export const checked = process.env.PULUMI_NODEJS_TRANSPILE_ONLY !== "true";`;

/** Whether types were checked in a run that ended well. */
const checked = async (): Promise<unknown> => {
  expect(await sandbox.run("up --yes")).toMatchObject({ code: 0 });
  return (JSON.parse((await sandbox.run("stack output --json")).out) as { checked: boolean }).checked;
};

test("wrong types stop a run before anything is changed, and are checked again only when something has changed", async () => {
  await sandbox.write("unit.ts", `export const unit = "cm";`);
  await sandbox.write("index.ts", program(`"three"`));
  const { code, out } = await sandbox.run("up --yes");
  expect(code).toBe(1);
  expect(out).toContain("index.ts(1,45): error TS2322");
  expect((await sandbox.run("stack output --json")).out.trim()).toBe("{}");

  await sandbox.write("index.ts", program("3"));
  expect([await checked(), await checked()]).toEqual([true, false]);
  await sandbox.write("unit.ts", `export const unit = "mm";`);
  expect([await checked(), await checked()]).toEqual([true, false]);
  await sandbox.write("tsconfig.json", `{ "compilerOptions": { "strict": true } }`);
  expect([await checked(), await checked()]).toEqual([true, false]);
  await sandbox.write("unit.ts", `export const unit: number = "mm";`);
  expect((await sandbox.run("preview")).out).toContain("unit.ts(1,14): error TS2322");
});

test("PULUMI_NODEJS_TRANSPILE_ONLY=true checks nothing", async () => {
  process.env.PULUMI_NODEJS_TRANSPILE_ONLY = "true";
  expect(await checked()).toBe(false);
  delete process.env.PULUMI_NODEJS_TRANSPILE_ONLY;
});
