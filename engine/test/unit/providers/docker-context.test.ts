/** The build context while its folder changes: what is left out is not looked at, what goes was not there, what cannot be read is said. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import * as tar from "tar-stream";
import { buildContext } from "@wordpress-autoscaling/engine/src/providers/docker/build-context";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "engine-test-context-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const write = (name: string, content: string | Buffer = name): void => {
  fs.mkdirSync(join(folder, name, ".."), { recursive: true });
  fs.writeFileSync(join(folder, name), content);
};

async function sent(): Promise<Map<string, string>> {
  const { stream } = await buildContext(folder, "Dockerfile");
  const contents = new Map<string, string>();
  const extract = tar.extract();
  extract.on("entry", (header, body, next) => {
    const chunks: Buffer[] = [];
    body.on("data", (chunk: Buffer) => chunks.push(chunk));
    body.on("end", () => {
      contents.set(header.name, Buffer.concat(chunks).toString());
      next();
    });
  });
  await new Promise<void>((done, failed) => {
    stream.on("error", failed).pipe(createGunzip()).pipe(extract).on("finish", done).on("error", failed);
  });
  return contents;
}

/** Reading these fails as it does for a user without rights: root reads everything, and not every Node lets it become somebody else. */
function unreadable(...names: string[]): void {
  const paths = names.map((name) => join(folder, name));
  for (const operation of ["readdir", "open", "readFile"] as const) {
    const real = promises[operation] as (...args: unknown[]) => Promise<unknown>;
    jest.spyOn(promises, operation as never).mockImplementation((async (path: string, ...rest: unknown[]) => {
      if (!paths.some((one) => path === one || path.startsWith(`${one}/`))) return real(path, ...rest);
      throw Object.assign(new Error(`EACCES: permission denied, ${operation} '${path}'`), { code: "EACCES" });
    }) as never);
  }
}

test("a folder from which nothing is taken back is not even looked into", async () => {
  write("Dockerfile");
  write("site/a");
  write(".state/deep/file");
  write(".dockerignore", "*\n!site\n**/README.md\n");
  unreadable(".state");
  const names = await sent();
  expect([...names.keys()]).toEqual([".dockerignore", "Dockerfile", "site", "site/a"]);
});

test("what is left out need not be readable, by itself or in a folder of which something is taken back", async () => {
  write("Dockerfile");
  write("private/key");
  write("private/public");
  write(".dockerignore", "private\n!private/public\n*.secret\n");
  write("a.secret");
  unreadable("a.secret", "private/key");
  expect([...(await sent()).keys()]).toEqual([".dockerignore", "Dockerfile", "private/public"]);
});

test.each(["wanted", "folder"])("what is wanted and cannot be read is an error with its path: %s", async (name) => {
  write("Dockerfile");
  write("wanted");
  write("folder/a");
  unreadable(name);
  await expect(sent()).rejects.toThrow(
    new RegExp(`${folder}/${name} cannot be read .*EACCES.*make it readable, or name it in .dockerignore`),
  );
});

/** Lets a path vanish, or become something else, in the very moment before it is looked at. */
function vanishes(operation: "lstat" | "readdir" | "open" | "readlink", name: string, instead?: () => void): void {
  const real = promises[operation] as (...args: unknown[]) => Promise<unknown>;
  jest.spyOn(promises, operation as never).mockImplementation(((path: string, ...rest: unknown[]) => {
    if (path === join(folder, name)) {
      fs.rmSync(path, { recursive: true });
      instead?.();
    }
    return real(path, ...rest);
  }) as never);
}

test.each([
  ["lstat", "gone"],
  ["open", "gone"],
  ["lstat", "folder"],
  ["readdir", "folder"],
  ["readlink", "link"],
] as const)("what vanishes before %s was not there: %s", async (operation, name) => {
  write("Dockerfile");
  write("gone");
  write("folder/a");
  write("kept");
  fs.symlinkSync("kept", join(folder, "link"));
  vanishes(operation, name);
  const names = [...(await sent()).keys()];
  expect(names).not.toContain(name === "folder" ? "folder/a" : name);
  expect(names).toEqual(expect.arrayContaining(["Dockerfile", "kept"]));
});

test("a file that becomes a link, and a folder that becomes a file, are passed over", async () => {
  write("Dockerfile");
  write("file");
  write("folder/a");
  vanishes("open", "file", () => fs.symlinkSync("/etc/hostname", join(folder, "file")));
  vanishes("readdir", "folder", () => write("folder"));
  expect([...(await sent()).keys()]).toEqual(["Dockerfile", "folder"]);
});

test("a large file that shrinks while it is sent is an error that names it", async () => {
  write("Dockerfile");
  write("large", Buffer.alloc(17 * 2 ** 20));
  const real = promises.open;
  jest.spyOn(promises, "open").mockImplementation(async (path, ...rest) => {
    const file = await real(path, ...rest);
    if (path !== join(folder, "large")) return file;
    const stat = file.stat.bind(file);
    file.stat = (async () => {
      const found = await stat();
      fs.truncateSync(join(folder, "large"), 1000);
      return found;
    }) as never;
    return file;
  });
  await expect(sent()).rejects.toThrow(new RegExp(`${folder}/large cannot be sent: .*run this again`));
});

test("a process that makes and removes files and folders disturbs no build", async () => {
  write("Dockerfile");
  for (let index = 0; index < 20; index++) write(`site/kept-${index}`);
  write(".state/kept");
  write(".dockerignore", "*\n!site\n");
  const churn = spawn(
    process.execPath,
    [
      "-e",
      `const fs = require("node:fs");
       process.stdin.on("end", () => process.exit()).resume();
       (function turn(n) {
         for (const at of [".state", "site"]) {
           fs.mkdirSync(at + "/folder-" + n);
           fs.writeFileSync(at + "/folder-" + n + "/a", "x".repeat(n % 5000));
           fs.writeFileSync(at + "/file-" + n, "");
           fs.rmSync(at + "/folder-" + (n - 3), { recursive: true, force: true });
           fs.rmSync(at + "/file-" + (n - 3), { force: true });
         }
         if (n === 10) console.log("churning");
         setImmediate(turn, n + 1);
       })(0);`,
    ],
    { cwd: folder, stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = new Promise((done) => churn.once("exit", done));
  try {
    await new Promise((done) => churn.stdout.once("data", done));
    for (let round = 0; round < 30; round++) {
      const names = [...(await sent()).keys()];
      expect(names.filter((name) => name.startsWith("site/kept-"))).toHaveLength(20);
      expect(names.filter((name) => name.startsWith(".state"))).toEqual([]);
    }
  } finally {
    churn.stdin.end();
    await ended;
  }
});
