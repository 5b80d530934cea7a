import { createHash, randomBytes } from "node:crypto";
import { BODY_BYTES } from "./plan";

export interface Body {
  content: Buffer;
  sha256: string;
}

const hashed = (content: Buffer): Body => ({ content, sha256: createHash("sha256").update(content).digest("hex") });

/** One random body of each size, hashed beforehand: hashing 8 MB while requests are due would delay them. */
const bodies = new Map<number, Body>(
  [0, ...Object.values(BODY_BYTES)].map((size) => [size, hashed(randomBytes(size))]),
);

export function bodyOf(bytes: number): Body {
  const body = bodies.get(bytes);
  if (body === undefined) throw new Error(`no body of ${bytes} bytes; there are ${[...bodies.keys()].join(", ")}`);
  return body;
}
