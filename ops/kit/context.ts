/** What scripts/run.mjs tells a command of ops/ or lab/ about this checkout. */
export interface Context {
  /** The checkout's root folder. */
  root: string;
  /** The environment of every Pulumi command: PULUMI_BACKEND_URL, the passphrase and DOCKER_HOST are in it. */
  env: NodeJS.ProcessEnv;
  /** Where the state of a file backend lies, and what is kept beside it. */
  stateFolder: string;
  /** The folder of the project's `<stack>.json`; undefined for another backend than a file one. */
  stacksFolder: string | undefined;
}

/** A command's entry point. @returns the exit status. @default 0 @throws Error whose message is for the user */
export type Main = (args: string[], context: Context) => Promise<number | undefined>;
