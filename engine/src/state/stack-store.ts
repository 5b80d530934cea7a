import { setImmediate } from "node:timers/promises";
import type { Snapshot } from "../model";
import type { JsonObject } from "../provider";
import { integrityError } from "../core/integrity";
import { ROOT_STACK_TYPE } from "../model";
import {
  deploymentError,
  EMPTY_SNAPSHOT,
  formatCheckpoint,
  parseCheckpoint,
  readSnapshot,
  saltOf,
  writeDeployment,
  type Deployment,
} from "./checkpoint";
import type { Crypter } from "./crypter";
import { EXIT, Failure } from "../failure";
import { fullName, type FileBackend, type StackName } from "./file-backend";
import type { PassphraseSource } from "./passphrase";
import { blindCodec, sealedCodec, SecretVault, type SecretCodec } from "./properties";

/** The state of one stack, with its secrets. */
export class StackStore {
  private vault: SecretVault | undefined;
  private knownSalt: Promise<string> | undefined;

  constructor(
    private readonly backend: FileBackend,
    readonly name: StackName,
    private readonly passphrase: PassphraseSource,
    /** What a written state says of its writer. */
    private readonly version: string,
    /** `encryptionsalt` of the stack's config file. It wins over the state's, which may be older. */
    private readonly configSalt: string | undefined,
  ) {}

  get file(): string {
    return this.backend.stateFile(this.name);
  }

  /** @returns undefined when the stack does not exist; a deployment may be `latest: undefined` when it was never updated. */
  async read(): Promise<{ deployment: Deployment | undefined } | undefined> {
    const content = await this.backend.read(this.name);
    return content === undefined ? undefined : { deployment: parseCheckpoint(content, this.file) };
  }

  /** The state without its secrets (each reads `[secret]`); needs no passphrase. */
  async loadBlinded(): Promise<Snapshot> {
    return readSnapshot(await this.deployment(), blindCodec);
  }

  /** The state with its secrets. @throws Failure for one that is not whole, which no run may build on. */
  async load(): Promise<Snapshot> {
    const { snapshot, wrong } = await this.inspect();
    if (wrong === undefined) return snapshot;
    throw new Failure(
      `the state of stack '${this.name.stack}' is broken; refusing to use it: ${wrong}\n` +
        "`pulumi state repair` mends what can be mended; `pulumi stack export` shows it all",
    );
  }

  /** {@link load} whatever the state is like, with what is wrong about it. */
  async inspect(): Promise<{ snapshot: Snapshot; wrong: string | undefined }> {
    const deployment = await this.deployment();
    if (deployment === undefined) return { snapshot: { ...EMPTY_SNAPSHOT }, wrong: undefined };
    const snapshot = await this.decrypt(deployment, this.file);
    return { snapshot, wrong: deploymentError(deployment, snapshot) };
  }

  /** Decrypts a deployment of this stack, or one that is to be imported into it. */
  async decrypt(deployment: Deployment, file: string): Promise<Snapshot> {
    const salt = saltOf(deployment, file);
    if (salt === undefined) return readSnapshot(deployment, await this.ownVault());
    if (salt === (await this.salt())) return readSnapshot(deployment, await this.ownVault());
    const crypter = await this.passphrase.open(salt, this.name.stack);
    return readSnapshot(deployment, { ...blindCodec, decrypt: (_place, text) => crypter.decrypt(text) });
  }

  /**
   * Saves a state, encrypted; the last one stays as `.bak`.
   *
   * @throws Failure for one that is not whole: the file keeps the state before, which every engine reads.
   */
  async save(snapshot: Snapshot): Promise<void> {
    this.refuseBroken(snapshot);
    await this.saveAsIs(snapshot);
  }

  private refuseBroken({ resources }: Snapshot): void {
    const wrong = integrityError(resources);
    if (wrong === undefined) return;
    throw new Failure(
      `the state was not saved, since it would be broken: ${wrong}\nThis is a bug in the embedded engine, please report it. ` +
        `${this.file} still holds the state before`,
      EXIT.internal,
    );
  }

  /** Saves a state that may be broken, for somebody who insists (`stack import --force`). */
  async saveAsIs(snapshot: Snapshot): Promise<void> {
    await this.backend.write(this.name, formatCheckpoint(fullName(this.name), await this.encrypt(snapshot)));
  }

  /** {@link inspect} with each secret as it is encrypted, for {@link saveSealed}; needs no passphrase. */
  async inspectSealed(): Promise<{ snapshot: Snapshot; wrong: string | undefined }> {
    const deployment = await this.deployment();
    if (deployment === undefined) return { snapshot: { ...EMPTY_SNAPSHOT }, wrong: undefined };
    const snapshot = readSnapshot(deployment, sealedCodec);
    return { snapshot, wrong: deploymentError(deployment, snapshot) };
  }

  /**
   * Saves what {@link inspectSealed} gave, changed, under this stack's name or another.
   *
   * @throws Failure for a state that is not whole, unless it was `broken` before.
   */
  async saveSealed(snapshot: Snapshot, broken = false, name = this.name): Promise<void> {
    if (!broken) this.refuseBroken(snapshot);
    const salt = saltOf(await this.deployment(), this.file);
    const deployment = writeDeployment(snapshot, sealedCodec, salt, this.manifest());
    await this.backend.write(name, formatCheckpoint(fullName(name), deployment));
  }

  /** Makes a stack that has no resources yet. */
  async create(salt: string): Promise<void> {
    const deployment = writeDeployment(EMPTY_SNAPSHOT, blindCodec, salt, this.manifest());
    await this.backend.write(this.name, formatCheckpoint(fullName(this.name), deployment));
  }

  /** The state with its secrets readable, for `stack export --show-secrets`; undefined when there is none yet. */
  async reveal(): Promise<Record<string, unknown> | undefined> {
    const deployment = await this.deployment();
    if (deployment === undefined) return undefined;
    const snapshot = await this.decrypt(deployment, this.file);
    const { manifest } = deployment;
    return { ...writeDeployment(snapshot, blindCodec, await this.salt(), this.manifest(), true), manifest };
  }

  /** The stack's crypter; it also opens the secrets of the config file. */
  async crypter(): Promise<Crypter> {
    return this.passphrase.open(await this.salt(), this.name.stack);
  }

  /**
   * Begins to derive the key, in a thread of its own, while other things are done; resolves when it has begun. What goes wrong shows where
   * the key is needed.
   */
  async prepare(): Promise<void> {
    this.crypter().catch(() => undefined);
    await Promise.allSettled([this.salt(), this.passphrase.find()]);
    await setImmediate();
  }

  /** The salt that new ciphertexts are made with: of the config file, else of the state, else a new one. */
  salt(): Promise<string> {
    this.knownSalt ??= this.findSalt();
    return this.knownSalt;
  }

  private async findSalt(): Promise<string> {
    const salt = this.configSalt ?? saltOf((await this.read())?.deployment, this.file);
    return salt ?? (await this.passphrase.makeSalt()).salt;
  }

  private async encrypt(snapshot: Snapshot): Promise<Record<string, unknown>> {
    const codec: SecretCodec = await this.ownVault();
    return writeDeployment(snapshot, codec, await this.salt(), this.manifest());
  }

  private async ownVault(): Promise<SecretVault> {
    this.vault ??= new SecretVault(await this.crypter());
    return this.vault;
  }

  private async deployment(): Promise<Deployment | undefined> {
    const found = await this.read();
    if (found === undefined) throw new Failure(`no stack named '${this.name.stack}' found`);
    return found.deployment;
  }

  private manifest(): { time: Date; version: string } {
    return { time: new Date(), version: this.version };
  }
}

/** The outputs of a stack, from its state; undefined when it was never updated. */
export function outputsOf(snapshot: Snapshot): JsonObject | undefined {
  return snapshot.resources.find(({ type, parent }) => type === ROOT_STACK_TYPE && (parent ?? "") === "")?.outputs;
}
