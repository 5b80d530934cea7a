/**
 * bcrypt (Provos and Mazières, 1999), which RandomPassword stores beside the password. Blowfish's start tables are the digits of pi, so
 * they are computed instead of being listed. Checked against the published test vectors.
 */
import { randomBytes } from "node:crypto";

const ROUNDS = 16;
const P_WORDS = ROUNDS + 2;
const S_WORDS = 4 * 256;
const MAX_BYTES = 72;
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The first `words` 32-bit words of pi's fraction, by Machin's formula in whole numbers with 64 spare bits. */
function piWords(words: number): Uint32Array {
  const bits = BigInt(words * 32);
  const one = 1n << (bits + 64n);
  const arctanOfInverse = (x: bigint): bigint => {
    let power = one / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const fraction = ((16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)) & (one - 1n)) >> 64n;
  const hex = fraction.toString(16).padStart(words * 8, "0");
  return Uint32Array.from({ length: words }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

let start: Uint32Array | undefined;

/** Blowfish with bcrypt's key schedule. `state` holds P, then the four S boxes. */
class Blowfish {
  private readonly p: Uint32Array;
  private readonly s: Uint32Array;
  left = 0;
  right = 0;

  constructor() {
    start ??= piWords(P_WORDS + S_WORDS);
    this.p = start.slice(0, P_WORDS);
    this.s = start.slice(P_WORDS);
  }

  encrypt(): void {
    const { p, s } = this;
    let [l, r] = [this.left, this.right];
    for (let i = 0; i < ROUNDS; i++) {
      l ^= p[i] ?? 0;
      const a = ((s[l >>> 24] ?? 0) + (s[256 + ((l >>> 16) & 255)] ?? 0)) ^ (s[512 + ((l >>> 8) & 255)] ?? 0);
      r ^= a + (s[768 + (l & 255)] ?? 0);
      [l, r] = [r, l];
    }
    this.left = (r ^ (p[ROUNDS + 1] ?? 0)) >>> 0;
    this.right = (l ^ (p[ROUNDS] ?? 0)) >>> 0;
  }

  /** Mixes the key into P, then replaces P and S by what encrypting a chain of blocks (with the salt mixed in) gives. */
  expand(key: Uint32Array, salt?: Uint32Array): void {
    for (let i = 0; i < P_WORDS; i++) this.p[i] = (this.p[i] ?? 0) ^ (key[i] ?? 0);
    this.left = this.right = 0;
    let at = 0;
    for (const table of [this.p, this.s]) {
      for (let i = 0; i < table.length; i += 2, at += 2) {
        if (salt !== undefined) {
          this.left ^= salt[at & 3] ?? 0;
          this.right ^= salt[(at + 1) & 3] ?? 0;
        }
        this.encrypt();
        table[i] = this.left;
        table[i + 1] = this.right;
      }
    }
  }
}

/** The bytes over and over as big-endian words. */
function cycle(bytes: Uint8Array, words: number): Uint32Array {
  let at = 0;
  return Uint32Array.from({ length: words }, () => {
    let word = 0;
    for (let i = 0; i < 4; i++) word = (word << 8) | (bytes[at++ % bytes.length] ?? 0);
    return word;
  });
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const group = (a << 16) | (b << 8) | c;
    for (let k = 0; k < Math.min(4, bytes.length - i + 1); k++) text += ALPHABET[(group >>> (18 - 6 * k)) & 63] ?? "";
  }
  return text;
}

/**
 * @param cost 2^cost rounds; 10 is what the real provider uses
 * @returns `$2a$<cost>$<salt><hash>`, of the first 72 bytes
 */
export function bcryptHash(password: string, cost = 10, salt: Uint8Array = randomBytes(16)): string {
  const bytes = Buffer.from(password, "utf8").subarray(0, MAX_BYTES);
  const key = cycle(Buffer.concat([bytes, Buffer.alloc(1)]), P_WORDS);
  const saltKey = cycle(salt, P_WORDS);
  const cipher = new Blowfish();
  cipher.expand(key, cycle(salt, 4));
  for (let i = 0; i < 2 ** cost; i++) {
    cipher.expand(key);
    cipher.expand(saltKey);
  }
  const text = Buffer.from("OrpheanBeholderScryDoubt");
  const output = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at += 8) {
    [cipher.left, cipher.right] = [text.readUInt32BE(at), text.readUInt32BE(at + 4)];
    for (let i = 0; i < 64; i++) cipher.encrypt();
    output.writeUInt32BE(cipher.left, at);
    output.writeUInt32BE(cipher.right, at + 4);
  }
  // The last byte of the 24 is not part of the format.
  return `$2a$${String(cost).padStart(2, "0")}$${base64(salt)}${base64(output.subarray(0, 23))}`;
}
