/** The archive that a build gets: a folder without what its .dockerignore names. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { finished } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import dockerIgnore, { type Ignore } from "@balena/dockerignore";
import * as tar from "tar-stream";

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
  const ignore = await ignoreRules(folder, path, name);

  const pack = tar.pack();
  const gzip = createGzip({ level: 1 });
  pack.pipe(gzip);
  const fill = async (): Promise<void> => {
    if (outside) await entry(pack, { name, mode: 0o644, mtime: new Date(0) }, content);
    await addFolder(pack, folder, "", ignore);
    pack.finalize();
  };
  fill().catch((error: unknown) => gzip.destroy(error instanceof Error ? error : new Error(String(error))));
  return { stream: gzip, dockerfile: name };
}

/** `<Dockerfile>.dockerignore` wins over the folder's own. The Dockerfile and the ignore file always travel, as with the docker CLI. */
async function ignoreRules(folder: string, dockerfilePath: string, name: string): Promise<Ignore | undefined> {
  for (const candidate of [`${dockerfilePath}.dockerignore`, join(folder, ".dockerignore")]) {
    const rules = await readFile(candidate, "utf8").catch(() => undefined);
    if (rules !== undefined)
      return dockerIgnore({ ignorecase: false })
        .add(rules)
        .add([`!${name}`, "!.dockerignore"]);
  }
  return undefined;
}

function entry(pack: tar.Pack, header: tar.Headers, content?: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    pack.entry({ uid: 0, gid: 0, ...header }, content ?? "", (error) => (error ? fail(error) : done()));
  });
}

/** Sorted, so that equal folders make equal archives. An ignored folder is still walked: a later rule may take some of it back. */
async function addFolder(pack: tar.Pack, root: string, inside: string, ignore: Ignore | undefined): Promise<void> {
  for (const child of (await readdir(join(root, inside))).sort()) {
    const name = inside === "" ? child : `${inside}/${child}`;
    const path = join(root, name);
    const info = await lstat(path);
    const ignored = ignore?.ignores(name) ?? false;
    const header: tar.Headers = { name, mode: info.mode & 0o7777, mtime: info.mtime };
    if (info.isDirectory()) {
      if (!ignored) await entry(pack, { ...header, type: "directory" });
      await addFolder(pack, root, name, ignore);
    } else if (ignored) {
      continue;
    } else if (info.isSymbolicLink()) {
      await entry(pack, { ...header, type: "symlink", linkname: await readlink(path) });
    } else if (info.isFile()) {
      await addFile(pack, { ...header, uid: 0, gid: 0, size: info.size }, path);
    }
  }
}

async function addFile(pack: tar.Pack, header: tar.Headers, path: string): Promise<void> {
  const sink = pack.entry(header);
  // No more than the size in the header, even when the file grows meanwhile.
  if (header.size)
    createReadStream(path, { end: header.size - 1 })
      .on("error", (error) => sink.destroy(error))
      .pipe(sink);
  else sink.end();
  await finished(sink);
}
