import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

import { Failure } from "../failure";

/** Turns plaintext into Pulumi's ciphertext and back. */
export interface Crypter {
  encrypt(plaintext: string): string;
  /** @throws Failure when the ciphertext is damaged or belongs to another key. */
  decrypt(ciphertext: string): string;
}

/** As the CLI's passphrase provider: sdk/go/common/resource/config/crypt.go. */
const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What every salt carries encrypted, so that a wrong passphrase is noticed. */
const PROOF = "pulumi";

const derive = promisify(pbkdf2);
/** Keys that were derived already: a derivation takes a third of a second. They live as long as the process, and nowhere else. */
const keys = new Map<string, Promise<Buffer>>();

function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
  const name = `${salt.toString("hex")}:${passphrase}`;
  let key = keys.get(name);
  if (key === undefined) {
    key = derive(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256");
    keys.set(name, key);
  }
  return key;
}

/** AES-256-GCM with values of the form `v1:<nonce>:<ciphertext and tag>`, both base64. */
export class SymmetricCrypter implements Crypter {
  constructor(private readonly key: Buffer) {}

  encrypt(plaintext: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce);
    const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  decrypt(ciphertext: string): string {
    const [version, nonce, sealed, ...rest] = ciphertext.split(":");
    if (version !== "v1" || nonce === undefined || sealed === undefined || rest.length > 0) {
      throw new Failure("bad ciphertext: expected v1:<nonce>:<value>");
    }
    const bytes = Buffer.from(sealed, "base64");
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.key, Buffer.from(nonce, "base64"));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const plaintext = [decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES)), decipher.final()];
      return Buffer.concat(plaintext).toString("utf8");
    } catch {
      throw new Failure("the value was encrypted with another passphrase or salt, or is damaged");
    }
  }
}

/** Makes a new salt for a passphrase: what the CLI writes as `encryptionsalt`. */
export async function createSalt(passphrase: string): Promise<{ salt: string; crypter: Crypter }> {
  const bytes = randomBytes(SALT_BYTES);
  const crypter = new SymmetricCrypter(await keyOf(passphrase, bytes));
  return { salt: `v1:${bytes.toString("base64")}:${crypter.encrypt(PROOF)}`, crypter };
}

/** @returns undefined when the passphrase is not the one that the salt was made with. */
export async function openSalt(salt: string, passphrase: string): Promise<Crypter | undefined> {
  const [version, encoded, ...proof] = salt.split(":");
  if (version !== "v1" || encoded === undefined || proof.length !== 3) {
    throw new Failure(`malformed encryptionsalt ${JSON.stringify(salt)}: expected v1:<salt>:v1:<nonce>:<value>`);
  }
  const crypter = new SymmetricCrypter(await keyOf(passphrase, Buffer.from(encoded, "base64")));
  try {
    return crypter.decrypt(proof.join(":")) === PROOF ? crypter : undefined;
  } catch {
    return undefined;
  }
}
