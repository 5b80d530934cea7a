import { createHash } from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";

import { fullName, type StackName } from "../state/file-backend";
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
 * Which stack of a project is selected, kept where the CLI keeps it: `~/.pulumi/workspaces/<project>-<sha1 of Pulumi.yaml's path>-workspace.json`.
 */
export class StackSelection {
  readonly file: string;

  constructor(
    private readonly project: Project,
    private readonly backendUrl: string,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {
    const home = environment.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
    const hash = createHash("sha1").update(project.file).digest("hex");
    this.file = path.join(home, "workspaces", `${project.name}-${hash}-workspace.json`);
  }

  /** PULUMI_STACK wins. @returns a name as the user would give it, or undefined. */
  async get(): Promise<string | undefined> {
    if (this.environment.PULUMI_STACK !== undefined) return this.environment.PULUMI_STACK;
    const { stack, stacks } = await this.read();
    const selected = stacks?.[this.backendUrl] ?? stack;
    return selected === "" ? undefined : selected;
  }

  async set(name: StackName): Promise<void> {
    const settings = await this.read();
    const stacks = { ...settings.stacks, [this.backendUrl]: fullName(name) };
    await this.write({ ...settings, stack: fullName(name), stacks });
  }

  async clear(): Promise<void> {
    const { stack: _old, stacks, ...others } = await this.read();
    const { [this.backendUrl]: _removed, ...kept } = stacks ?? {};
    await this.write(Object.keys(kept).length === 0 ? others : { ...others, stacks: kept });
  }

  private async read(): Promise<Settings> {
    const content = await readIfThere(this.file);
    return content === undefined ? {} : (parseJson(content, this.file) as Settings);
  }

  private async write(settings: Settings): Promise<void> {
    await writeDurably(this.file, `${JSON.stringify(settings, undefined, 4)}\n`);
  }
}
