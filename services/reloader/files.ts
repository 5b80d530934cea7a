import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CANDIDATE, STATUS_SOCKET, TIMINGS_LOG } from "../../contract/paths";
import { generationOf, SERVING, type Generation } from "./generation";

/** The volume that nginx's container shares, as the reloader uses it. */
export interface FilesPort {
  /** What consul-template rendered last, with the static configuration; undefined before the first render. */
  candidate(): Promise<Generation | Error | undefined>;
  /** What `current` points at; undefined when there is none, or it is not what its name says (a torn write). */
  current(): Promise<Generation | undefined>;
  /** A generation of the past. */
  read(hash: string): Promise<Generation | undefined>;
  /** Writes it where `nginx -t` can check it, and answers with the path of the file to check. */
  stage(generation: Generation): Promise<string>;
  /** Makes what was staged current. */
  commit(generation: Generation): Promise<void>;
  /** Removes all but the newest and those named. */
  prune(keep: ReadonlySet<string>): Promise<void>;
}

/** In the volume: the desired set that was last seen. */
export const DESIRED = "desired.json";

/** How many generations stay for a look back, besides those in use. */
const KEPT = 3;

/**
 * Synchronous on the way to a reload: a handful of tiny files takes well below a millisecond, while each asynchronous call is a
 * turn of the thread pool, which a busy machine makes one wait for.
 * @param timings nginx's configuration names it: it must be there, and nginx's to write, before nginx reads that
 */
export function filesPort(dir: string, staticConfPath: string, timings?: { ensure(): Promise<void> }): FilesPort {
  const generations = join(dir, "generations");
  const staging = join(generations, ".staging");
  const candidatePath = join(dir, CANDIDATE);
  const currentPath = join(dir, "current");

  const write = (folder: string, files: Record<string, string>) => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  };
  const read = (hash: string): Generation | undefined => {
    const folder = join(generations, hash);
    const [staticConf, upstreams, generationConf] = ["nginx.conf", "upstreams.conf", "generation.conf"].map((name) =>
      readIfThere(join(folder, name)),
    );
    if (staticConf === undefined || upstreams === undefined) return undefined;
    const generation = attempt(() => generationOf(staticConf, upstreams, dir));
    if (generation instanceof Error || generation.hash !== hash) return undefined;
    return generation.files["generation.conf"] === generationConf ? generation : undefined;
  };

  return {
    candidate: promised(() => {
      const upstreams = readIfThere(candidatePath);
      if (upstreams === undefined) return undefined;
      const staticConf = readIfThere(staticConfPath);
      if (staticConf === undefined) return new Error(`the static configuration ${staticConfPath} does not exist`);
      return attempt(() => generationOf(staticConf, upstreams, dir));
    }),
    current: promised(() => {
      const target = attempt(() => readlinkSync(currentPath));
      return target instanceof Error ? undefined : read(target.replace(/^generations\//, ""));
    }),
    read: promised(read),
    async stage(generation) {
      await timings?.ensure();
      write(staging, checkable(generation.files, dir, staging));
      return join(staging, "nginx.conf");
    },
    commit: promised(({ hash, files }: Generation) => {
      const next = join(dir, "current.next");
      write(join(generations, hash), files);
      rmSync(next, { force: true });
      symlinkSync(`generations/${hash}`, next);
      renameSync(next, currentPath);
      rmSync(staging, { recursive: true, force: true });
    }),
    async prune(keep) {
      const names = (await readdir(generations)).filter((name) => !name.startsWith(".") && !keep.has(name));
      const aged = await Promise.all(
        names.map(async (name) => ({ name, ms: (await stat(join(generations, name))).mtimeMs })),
      );
      const gone = aged.sort((a, b) => b.ms - a.ms).slice(Math.max(0, KEPT - keep.size));
      await Promise.all(gone.map(({ name }) => rm(join(generations, name), { recursive: true, force: true })));
    },
  };
}

const TEMP_PATHS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((what) => `${what}_temp_path`);

/**
 * The same configuration with its side effects turned to `staging`, line for line. `nginx -t` binds the sockets it finds
 * named: a status.sock left behind would keep nginx from starting; it opens the logs that it finds named. It also makes and chowns its temporary folders, which a
 * uid 0 without capabilities may only do for itself.
 */
export function checkable(files: Generation["files"], dir: string, staging: string): Generation["files"] {
  const turn = (text: string) =>
    [STATUS_SOCKET, TIMINGS_LOG, SERVING].reduce(
      (conf, name) => conf.replaceAll(join(dir, name), join(staging, name)),
      text,
    );
  const conf = turn(files["nginx.conf"]);
  const asRoot = process.getuid?.() === 0 && !/^\s*user\s/m.test(conf);
  const own = TEMP_PATHS.filter((name) => !conf.includes(name)).map((name) => `${name} ${join(staging, name)};\n`);
  return {
    ...files,
    "nginx.conf": asRoot ? `user root; ${conf}` : conf,
    "generation.conf": turn(files["generation.conf"]) + own.join(""),
  };
}

/** The same as a promise: what fails rejects. */
const promised =
  <Args extends unknown[], Result>(act: (...args: Args) => Result) =>
  (...args: Args): Promise<Result> =>
    new Promise((resolve) => resolve(act(...args)));

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
