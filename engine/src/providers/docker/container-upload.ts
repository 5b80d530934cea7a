/** Files that are put into a container before it starts. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type Docker from "dockerode";
import * as tar from "tar-stream";
import type { JsonObject } from "../../provider";
import { flag, text } from "../value";
import type { Call } from "./resource";

const EXECUTABLE = 0o744;
const PLAIN = 0o644;

/** All in one archive: one call, however many files. Docker makes the folders. */
export async function uploadFiles(
  call: Call,
  container: Docker.Container,
  uploads: readonly JsonObject[],
): Promise<void> {
  if (uploads.length === 0) return;
  const pack = tar.pack();
  for (const upload of uploads) {
    const name = text(upload, "file").replace(/^\/+/, "");
    pack.entry(
      { name, mode: modeOf(upload), uid: idOf(upload, "owner"), gid: idOf(upload, "group"), mtime: new Date() },
      await contentOf(call, upload),
    );
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk);
  await container.putArchive(Buffer.concat(chunks), { path: "/" });
}

const idOf = (upload: JsonObject, key: string): number => Number(text(upload, key).replace("root", "0"));

function modeOf(upload: JsonObject): number {
  const permissions = text(upload, "permissions");
  if (permissions !== "") return Number.parseInt(permissions, 8);
  return flag(upload, "executable") ? EXECUTABLE : PLAIN;
}

async function contentOf(call: Call, upload: JsonObject): Promise<Buffer> {
  const base64 = text(upload, "contentBase64");
  if (base64 !== "") return Buffer.from(base64, "base64");
  const source = text(upload, "source");
  return source === "" ? Buffer.from(text(upload, "content")) : readFile(resolve(call.programFolder, source));
}
