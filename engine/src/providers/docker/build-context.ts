/** The archive that a build gets: a folder without what its .dockerignore names. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, readFile, readlink, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import * as tar from "tar-stream";
import { IgnoreRules, ignoreLines, type Matches } from "./ignore-rules";

/** A file up to this size is read whole: it may shrink while it is read, and a larger one that does is an error. */
const WHOLE_BYTES = 16 * 2 ** 20;

export interface BuildContext {
  /** A gzipped tar. Reading it to the end is what drives it. */
  readonly stream: Readable;
  /** The Dockerfile's path in the archive. */
  readonly dockerfile: string;
}

/** @throws when the folder or the Dockerfile is not there: which one, and where it was looked for. */
export async function buildContext(folder: string, dockerfile: string): Promise<BuildContext> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new Error(`build.context: there is no folder ${folder}`);
  const path = isAbsolute(dockerfile) ? dockerfile : resolve(folder, dockerfile);
  const content = await readFile(path).catch(() => {
    throw new Error(`build.dockerfile: there is no file ${path} (it is looked for inside the context, ${folder})`);
  });
  const inside = relative(folder, path);
  const outside = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  // A Dockerfile from elsewhere travels under a name that no file of the context has.
  const name = outside
    ? `.dockerfile.${createHash("sha256").update(path).digest("hex").slice(0, 16)}`
    : inside.split(sep).join("/");
  const rules = await ignoreRules(folder, path, name);

  const pack = tar.pack();
  const gzip = createGzip({ level: 1 });
  pack.pipe(gzip);
  const fill = async (): Promise<void> => {
    if (outside) await entry(pack, { name, mode: 0o644, mtime: new Date(0) }, content);
    await addFolder(pack, folder, "", rules);
    pack.finalize();
  };
  // Who stops reading ends the writing, too.
  gzip.once("close", () => pack.destroy());
  fill().catch((error: unknown) => gzip.destroy(error instanceof Error ? error : new Error(String(error))));
  return { stream: gzip, dockerfile: name };
}

/** `<Dockerfile>.dockerignore` wins over the folder's own. The Dockerfile and the ignore file always travel, as with the docker CLI. */
async function ignoreRules(folder: string, dockerfilePath: string, name: string): Promise<IgnoreRules> {
  for (const candidate of [`${dockerfilePath}.dockerignore`, join(folder, ".dockerignore")]) {
    const text = await readFile(candidate, "utf8").catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw new Error(`${candidate} cannot be read: ${messageOf(error)}`, { cause: error });
    });
    if (text !== undefined) return new IgnoreRules([...ignoreLines(text), `!${literal(name)}`, "!.dockerignore"]);
  }
  return new IgnoreRules([]);
}

/** A path as the pattern that matches it alone. */
const literal = (path: string): string => path.replace(/[\\*?[\]]/g, "\\$&");

function entry(pack: tar.Pack, header: tar.Headers, content?: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    pack.entry({ uid: 0, gid: 0, ...header }, content ?? "", (error) => (error ? fail(error) : done()));
  });
}

/**
 * Adds what is below a folder, sorted, so that equal folders make equal archives. Docker's own client decides: a folder that is left out is
 * entered only where a rule takes something of it back; what vanishes meanwhile was not there; what is wanted and cannot be read is an error.
 */
async function addFolder(
  pack: tar.Pack,
  root: string,
  inside: string,
  rules: IgnoreRules,
  parent?: Matches,
): Promise<void> {
  const children = await unlessGone(join(root, inside), (path) => readdir(path));
  for (const child of (children ?? []).sort()) {
    const name = inside === "" ? child : `${inside}/${child}`;
    const { ignored, matches } = rules.judge(name, parent);
    if (ignored && !rules.mayTakeBackFrom(name)) continue;
    const path = join(root, name);
    const info = await unlessGone(path, (each) => lstat(each));
    if (info === undefined) continue;
    const header: tar.Headers = { name, mode: info.mode & 0o7777, mtime: info.mtime };
    if (info.isDirectory()) {
      if (!ignored) await entry(pack, { ...header, type: "directory" });
      await addFolder(pack, root, name, rules, matches);
    } else if (ignored) {
      continue;
    } else if (info.isSymbolicLink()) {
      const linkname = await unlessGone(path, (each) => readlink(each));
      if (linkname !== undefined) await entry(pack, { ...header, type: "symlink", linkname });
    } else if (info.isFIFO()) {
      await entry(pack, { ...header, type: "fifo" });
    } else if (info.isFile()) {
      await addFile(pack, header, path);
    }
  }
}

/** undefined when the path is not there (any more). @throws when it cannot be read: which one, and what to do. */
async function unlessGone<T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> {
  try {
    return await read(path);
  } catch (error) {
    // ENOTDIR and ELOOP: a folder or a file has become something else meanwhile.
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error) ?? "")) return undefined;
    throw new Error(`${path} cannot be read (${messageOf(error)}): make it readable, or name it in .dockerignore`, {
      cause: error,
    });
  }
}

/** Opened before its header is written, and no more than the header says: a file may go, or grow, at any moment. */
async function addFile(pack: tar.Pack, header: tar.Headers, path: string): Promise<void> {
  const file = await unlessGone(path, (each) => open(each, constants.O_RDONLY | constants.O_NOFOLLOW));
  if (file === undefined) return;
  let content: Buffer | undefined;
  try {
    const { size } = await file.stat();
    if (size <= WHOLE_BYTES) content = await file.readFile();
    else {
      const sink = pack.entry({ uid: 0, gid: 0, ...header, size });
      const source = file.createReadStream({ end: size - 1, autoClose: false });
      await pipeline(source, sink);
      if (source.bytesRead !== size) throw new Error(`it has ${source.bytesRead} bytes in place of ${size}`);
    }
  } catch (error) {
    throw new Error(`${path} cannot be sent: ${messageOf(error)}. If it changed meanwhile, run this again`, {
      cause: error,
    });
  } finally {
    await file.close();
  }
  if (content !== undefined) await entry(pack, { ...header, size: content.length }, content);
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
