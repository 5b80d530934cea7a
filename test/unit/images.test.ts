/** An image's tag: a hash of what goes into it. */
import fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hashFiles } from "../../components/images";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "hash-"));
  fs.chmodSync(folder, 0o755);
  fs.mkdirSync(path.join(folder, "site/plugins"), { recursive: true });
  fs.writeFileSync(path.join(folder, "site/plugins/a.php"), "<?php");
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});
const hash = (): string => hashFiles(["site"], "", folder);

test("contents and names count", () => {
  const before = hash();
  fs.renameSync(path.join(folder, "site/plugins/a.php"), path.join(folder, "site/plugins/b.php"));
  const renamed = hash();
  fs.writeFileSync(path.join(folder, "site/plugins/b.php"), "<?PHP");
  expect(new Set([before, renamed, hash()]).size).toBe(3);
});

test("a link counts by its target path, whether or not that exists, and is not followed", () => {
  const link = path.join(folder, "site/link");
  fs.symlinkSync("nowhere", link);
  const dangling = hash();
  fs.rmSync(link);
  // followed, this would never end
  fs.symlinkSync(".", link);
  const loop = hash();
  expect(new Set([dangling, loop]).size).toBe(2);
});

test.each(["lstatSync", "readFileSync"] as const)("a file that vanishes before %s was not there", (operation) => {
  const before = hash();
  const swap = path.join(folder, "site/plugins/.a.php.swp");
  fs.writeFileSync(swap, "");
  const real = fs[operation] as (...args: unknown[]) => unknown;
  jest.spyOn(fs, operation as never).mockImplementation(((...args: unknown[]) => {
    if (args[0] === swap && fs.existsSync(swap)) fs.unlinkSync(swap);
    return real(...args);
  }) as never);
  expect(hash()).toBe(before);
  expect(fs.existsSync(swap)).toBe(false);
});

test("a file that cannot be read is named", () => {
  const file = path.join(folder, "site/plugins/a.php");
  const real = fs.readFileSync;
  // Root reads everything, and not every Node lets it become somebody else.
  jest.spyOn(fs, "readFileSync").mockImplementation(((path: string, ...rest: []) => {
    if (path !== file) return real(path, ...rest);
    throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: "EACCES" });
  }) as never);
  expect(hash).toThrow(`${file} goes into an image and cannot be read (EACCES`);
});
