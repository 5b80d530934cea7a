import { mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generationOf, type Generation } from "./generation";

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

/** In the volume: where nginx answers, and where it notes each request that has ended. */
export const STATUS_SOCKET = "status.sock";
export const TIMINGS = "timings.log";
/** In the volume: who was wanted last. */
export const DESIRED = "desired.json";

/** How many generations stay for a look back, besides those in use. */
const KEPT = 3;

/** @param timings nginx's configuration names it: it must be there, and nginx's to write, before nginx reads that */
export function filesPort(dir: string, staticConfPath: string, timings?: { ensure(): Promise<void> }): FilesPort {
  const generations = join(dir, "generations");
  const staging = join(generations, ".staging");
  const candidatePath = join(dir, "candidate", "upstreams.conf");
  const currentPath = join(dir, "current");

  const write = async (folder: string, files: Record<string, string>) => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
  };
  const read = async (hash: string): Promise<Generation | undefined> => {
    const folder = join(generations, hash);
    const [staticConf, upstreams, generationConf] = await Promise.all(
      ["nginx.conf", "upstreams.conf", "generation.conf"].map((name) => readIfThere(join(folder, name))),
    );
    if (staticConf === undefined || upstreams === undefined) return undefined;
    const generation = attempt(() => generationOf(staticConf, upstreams));
    if (generation instanceof Error || generation.hash !== hash) return undefined;
    return generation.files["generation.conf"] === generationConf ? generation : undefined;
  };

  return {
    async candidate() {
      const upstreams = await readIfThere(candidatePath);
      if (upstreams === undefined) return undefined;
      const staticConf = await readIfThere(staticConfPath);
      if (staticConf === undefined) return new Error(`the static configuration ${staticConfPath} does not exist`);
      return attempt(() => generationOf(staticConf, upstreams));
    },
    async current() {
      const target = await readlink(currentPath).catch(() => undefined);
      return target === undefined ? undefined : read(target.replace(/^generations\//, ""));
    },
    read,
    async stage(generation) {
      await timings?.ensure();
      await write(staging, checkable(generation.files, dir, staging));
      return join(staging, "nginx.conf");
    },
    async commit({ hash, files }) {
      const next = join(dir, "current.next");
      await write(join(generations, hash), files);
      await rm(next, { force: true });
      await symlink(`generations/${hash}`, next);
      await rename(next, currentPath);
      await rm(staging, { recursive: true, force: true });
    },
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
  const turned = (conf: string, name: string) => conf.replaceAll(join(dir, name), join(staging, name));
  const conf = [STATUS_SOCKET, TIMINGS].reduce(turned, files["nginx.conf"]);
  const asRoot = process.getuid?.() === 0 && !/^\s*user\s/m.test(conf);
  const own = TEMP_PATHS.filter((name) => !conf.includes(name)).map((name) => `${name} ${join(staging, name)};\n`);
  return {
    ...files,
    "nginx.conf": asRoot ? `user root; ${conf}` : conf,
    "generation.conf": files["generation.conf"] + own.join(""),
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
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
