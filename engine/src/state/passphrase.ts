import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as path from "node:path";

import { createSalt, openSalt, type Crypter } from "./crypter";
import { EXIT, Failure, messageOf } from "../failure";
import { makeDurably, readIfThere } from "./files";

/** A passphrase and where it came from, for error messages. */
export interface Passphrase {
  readonly phrase: string;
  readonly source: string;
}

/**
 * Finds the passphrase of a backend: PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, else a file beside the state,
 * which is made once, and only for a stack that is new: a made-up passphrase opens nothing that exists.
 */
export class PassphraseSource {
  private found: Promise<Passphrase | undefined> | undefined;

  constructor(
    /** The folder that contains `.pulumi`. */
    private readonly stateFolder: string,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  get file(): string {
    return path.join(this.stateFolder, "passphrase");
  }

  /** @returns undefined when no passphrase was given and none was made yet. */
  find(): Promise<Passphrase | undefined> {
    this.found ??= this.look();
    return this.found;
  }

  /** Finds the passphrase, or makes one for a stack that is about to be made. */
  async findOrMake(): Promise<Passphrase> {
    const found = await this.find();
    if (found !== undefined) return found;
    // Of two that begin together one makes it, and both use that one: a stack whose passphrase was replaced is lost.
    await makeDurably(this.file, `${randomBytes(24).toString("base64url")}\n`);
    this.found = undefined;
    const made = await this.find();
    if (made === undefined) throw new Failure(`the passphrase file ${this.file} vanished as soon as it was made`);
    return made;
  }

  private async look(): Promise<Passphrase | undefined> {
    const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = this.environment;
    if (given !== undefined) return { phrase: given, source: "the variable PULUMI_CONFIG_PASSPHRASE" };
    if (file !== undefined && file !== "") {
      const source = path.resolve(file);
      try {
        const phrase = (await readFile(source, "utf8")).trim();
        return { phrase, source: `the file ${source} (PULUMI_CONFIG_PASSPHRASE_FILE)` };
      } catch (error) {
        throw new Failure(`unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${messageOf(error)}`);
      }
    }
    const phrase = (await readIfThere(this.file))?.trim();
    return phrase === undefined ? undefined : { phrase, source: `the file ${this.file}` };
  }

  /** Opens the salt of a stack. @throws Failure that names the passphrase's source when it is the wrong one. */
  async open(salt: string, stack: string): Promise<Crypter> {
    const passphrase = await this.find();
    if (passphrase === undefined) {
      throw new Failure(
        `passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables: ` +
          `stack '${stack}' exists, and the file ${this.file} that would hold its passphrase does not`,
        EXIT.usage,
      );
    }
    const crypter = await openSalt(salt, passphrase.phrase);
    if (crypter === undefined) {
      throw new Failure(
        `incorrect passphrase: stack '${stack}' was not encrypted with the one from ${passphrase.source}; please set ` +
          `PULUMI_CONFIG_PASSPHRASE to the correct passphrase or set PULUMI_CONFIG_PASSPHRASE_FILE to a file containing the passphrase`,
      );
    }
    return crypter;
  }

  /** Makes the salt of a new stack. */
  async makeSalt(): Promise<{ salt: string; crypter: Crypter }> {
    return createSalt((await this.findOrMake()).phrase);
  }
}
