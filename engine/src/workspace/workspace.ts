import * as path from "node:path";
import { pathToFileURL } from "node:url";

import { EXIT, Failure } from "../failure";
import { FileBackend, openBackend, ORGANIZATION, type StackName } from "../state/file-backend";
import { PassphraseSource } from "../state/passphrase";
import { StackStore } from "../state/stack-store";
import { loadProject, type Project } from "./project";
import { StackSelection } from "./selection";
import { StackConfig } from "./stack-config";

/** The folder beside Pulumi.yaml that holds the state unless PULUMI_BACKEND_URL says otherwise. */
export const STATE_FOLDER = ".state";

/** One stack of a workspace: its config and its state. */
export interface Stack {
  readonly name: StackName;
  readonly config: StackConfig;
  readonly store: StackStore;
}

/** A project, the backend that its stacks live in, and what is needed to open them. */
export class Workspace {
  readonly selection: StackSelection;
  readonly passphrase: PassphraseSource;

  private constructor(
    readonly project: Project,
    readonly backend: FileBackend,
    /** This engine's version, for the state's manifest. */
    private readonly version: string,
  ) {
    this.selection = new StackSelection(project, backend);
    this.passphrase = new PassphraseSource(backend.root);
  }

  static async open(folder: string, version: string): Promise<Workspace> {
    const project = await loadProject(folder);
    const url = process.env.PULUMI_BACKEND_URL ?? project.backendUrl;
    const root = path.join(project.folder, STATE_FOLDER);
    const backend =
      url === undefined || url === "" ? new FileBackend(root, pathToFileURL(root).href) : openBackend(url, folder);
    return new Workspace(project, backend, version);
  }

  /** Reads `stack`, `organization/stack` or `organization/project/stack`. */
  parseStackName(text: string): StackName {
    const parts = text.split("/");
    const stack = parts.at(-1) ?? "";
    const project = parts.length === 3 ? (parts[1] ?? "") : this.project.name;
    if (parts.length > 3) throw new Failure(`invalid stack name ${JSON.stringify(text)}`, EXIT.usage);
    if (parts.length > 1 && parts[0] !== ORGANIZATION) {
      throw new Failure(`organization name must be '${ORGANIZATION}', not '${parts[0] ?? ""}'`, EXIT.usage);
    }
    for (const [what, part] of [
      ["stack", stack],
      ["project", project],
    ] as const) {
      if (/^[A-Za-z0-9_.-]{1,100}$/.test(part) && part !== "." && part !== "..") continue;
      throw new Failure(
        `a ${what} name may only contain letters, digits, '-', '_' and '.', at least one and at most 100: it is ${JSON.stringify(part)}`,
        EXIT.usage,
      );
    }
    return { project, stack };
  }

  /** The stack that a command is about: the named one, else the selected one. It must exist. */
  async requireStack(named: string | undefined, configFile?: string): Promise<Stack> {
    const text = named ?? (await this.selection.get());
    if (text === undefined) {
      throw new Failure(
        "no stack selected; specify a stack name with --stack, or select one with `pulumi stack select`",
        EXIT.stackNotFound,
      );
    }
    const name = this.parseStackName(text);
    const stack = await this.stack(name, configFile);
    if ((await this.backend.read(name)) === undefined) {
      throw new Failure(
        `no stack named '${name.stack}' found. Make it with \`pulumi stack init ${name.stack}\``,
        EXIT.stackNotFound,
      );
    }
    return stack;
  }

  /** The config file that belongs to a stack's name, whatever --config-file says. */
  configFile({ stack }: StackName): string {
    return StackConfig.fileOf(this.project, stack);
  }

  /** A stack, whether it exists or not. */
  async stack(name: StackName, configFile?: string): Promise<Stack> {
    const config = await StackConfig.load(this.project, name.stack, configFile);
    const provider = config.foreignSecretsProvider;
    if (provider !== undefined) {
      throw new Failure(
        `${config.file} has the secrets provider ${provider}; this engine knows only 'passphrase'. Use the Pulumi CLI for it`,
      );
    }
    const store = new StackStore(this.backend, name, this.passphrase, this.version, config.salt);
    return { name, config, store };
  }

  /**
   * Makes a stack. A config file that is already there and holds no secrets is left as it is (it may be committed, and a salt would break
   * every other clone): the salt then lives in the state, and is written to the file with its first secret.
   */
  async createStack(name: StackName): Promise<Stack> {
    const stack = await this.stack(name);
    if ((await this.backend.read(name)) !== undefined) throw new Failure(`stack '${name.stack}' already exists`);
    if (stack.config.salt !== undefined) {
      await this.passphrase.open(stack.config.salt, name.stack);
      await stack.store.create(stack.config.salt);
      return stack;
    }
    if (stack.config.hasSecrets()) {
      throw new Failure(
        `${stack.config.file} has encrypted values but no encryptionsalt: restore it, or remove those values`,
      );
    }
    const { salt } = await this.passphrase.makeSalt();
    await stack.store.create(salt);
    if (!stack.config.exists) {
      stack.config.setSalt(salt);
      await stack.config.save();
    }
    return this.stack(name);
  }

  /** Makes sure that the config file has the salt that its secrets are encrypted with. */
  async ensureSaltInConfig(stack: Stack): Promise<void> {
    if (stack.config.salt !== undefined) return;
    stack.config.setSalt(await stack.store.salt());
  }
}
