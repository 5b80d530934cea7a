import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CANDIDATE, STATUS_SOCKET, TIMINGS_LOG } from "../../contract/paths";
import { generationOf, SERVING, type Generation } from "./generation";

/** The reloader's access to the volume that it shares with nginx's container. */
export interface FilesPort {
  /** The upstreams that consul-template rendered last, with the static configuration; undefined before the first render. */
  candidate(): Promise<Generation | Error | undefined>;
  /** The generation that `current` points at; undefined when there is none, or its content does not match its hash (a torn write). */
  current(): Promise<Generation | undefined>;
  /** An earlier generation. */
  read(hash: string): Promise<Generation | undefined>;
  /** Writes it where `nginx -t` can check it; returns the path of the file to check. */
  stage(generation: Generation): Promise<string>;
  /** Makes the generation current. */
  commit(generation: Generation): Promise<void>;
  /** Removes all generations but the newest and those in `keep`. */
  prune(keep: ReadonlySet<string>): Promise<void>;
}

/** The copy of the newest desired set, in the volume. */
export const DESIRED = "desired.json";

/** How many generations are kept, those in use included. */
const KEPT = 3;

/**
 * Synchronous on the way to a reload: a few tiny files take well below a millisecond, while each asynchronous call waits for the
 * thread pool, which takes long on a busy machine.
 * @param timings nginx's configuration names this file: it must exist, and nginx be able to write to it, before nginx reads that
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
 * The same configuration, line for line, with its side effects redirected to `staging`. `nginx -t` binds the sockets of the
 * configuration (a status.sock left behind would keep nginx from starting) and opens its logs. It also creates and chowns its
 * temporary folders, which uid 0 without capabilities can do only with itself as the owner.
 */
export function checkable(files: Generation["files"], dir: string, staging: string): Generation["files"] {
  const redirect = (text: string) =>
    [STATUS_SOCKET, TIMINGS_LOG, SERVING].reduce(
      (conf, name) => conf.replaceAll(join(dir, name), join(staging, name)),
      text,
    );
  const conf = redirect(files["nginx.conf"]);
  const asRoot = process.getuid?.() === 0 && !/^\s*user\s/m.test(conf);
  const own = TEMP_PATHS.filter((name) => !conf.includes(name)).map((name) => `${name} ${join(staging, name)};\n`);
  return {
    ...files,
    "nginx.conf": asRoot ? `user root; ${conf}` : conf,
    "generation.conf": redirect(files["generation.conf"]) + own.join(""),
  };
}

/** Wraps a synchronous function in a promise, which rejects when it throws. */
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
