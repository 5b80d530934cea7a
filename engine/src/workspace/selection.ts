import { createHash } from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";

import { Failure } from "../failure";
import { fullName, type FileBackend, type StackName } from "../state/file-backend";
import { parseJson, readIfThere, writeDurably } from "../state/files";
import type { Project } from "./project";

/** The CLI's workspace settings. */
interface Settings {
  /** Of CLIs up to 3.260 at least: one stack, whatever the backend. They drop `stacks` when they write. */
  stack?: string;
  /** By backend URL. */
  stacks?: Record<string, string>;
  [other: string]: unknown;
}

/**
 * Which stack of a project is selected. Kept where the CLI keeps it (`~/.pulumi/workspaces/<project>-<sha1 of Pulumi.yaml's
 * path>-workspace.json`), and beside the state for a home folder that is another's, or cannot be written.
 */
export class StackSelection {
  readonly file: string;
  private readonly besideState: string;

  constructor(
    private readonly project: Project,
    private readonly backend: FileBackend,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {
    const home = environment.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
    const hash = createHash("sha1").update(project.file).digest("hex");
    this.file = path.join(home, "workspaces", `${project.name}-${hash}-workspace.json`);
    this.besideState = path.join(backend.root, "selected.json");
  }

  /** PULUMI_STACK wins. @returns a name as the user would give it, or undefined. */
  async get(): Promise<string | undefined> {
    if (this.environment.PULUMI_STACK !== undefined) return this.environment.PULUMI_STACK;
    const { stack, stacks } = await this.readSettings();
    const selected = stacks?.[this.backend.url] ?? stack ?? (await this.readOwn())[this.project.file];
    return selected === "" ? undefined : selected;
  }

  async set(name: StackName): Promise<void> {
    await this.writeOwn({ ...(await this.readOwn()), [this.project.file]: fullName(name) });
    const settings = await this.readSettings();
    const stacks = { ...settings.stacks, [this.backend.url]: fullName(name) };
    await this.writeSettings({ ...settings, stack: fullName(name), stacks });
  }

  async clear(): Promise<void> {
    const { [this.project.file]: _selected, ...ofOthers } = await this.readOwn();
    await this.writeOwn(ofOthers);
    const { stack: _old, stacks, ...others } = await this.readSettings();
    const { [this.backend.url]: _removed, ...kept } = stacks ?? {};
    await this.writeSettings(Object.keys(kept).length === 0 ? others : { ...others, stacks: kept });
  }

  private async readSettings(): Promise<Settings> {
    const content = await readIfThere(this.file);
    return content === undefined ? {} : (parseJson(content, this.file) as Settings);
  }

  private async writeSettings(settings: Settings): Promise<void> {
    try {
      await writeDurably(this.file, `${JSON.stringify(settings, undefined, 4)}\n`);
    } catch (error) {
      // What lies beside the state is enough.
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** By path of Pulumi.yaml. */
  private async readOwn(): Promise<Record<string, string>> {
    const content = await readIfThere(this.besideState);
    return content === undefined ? {} : (parseJson(content, this.besideState) as Record<string, string>);
  }

  private async writeOwn(selected: Record<string, string>): Promise<void> {
    await writeDurably(this.besideState, `${JSON.stringify(selected, undefined, 2)}\n`);
  }
}
