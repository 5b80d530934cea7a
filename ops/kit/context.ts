/** What scripts/run.mjs tells a command of ops/ or lab/ about this checkout. */
export interface Context {
  /** The checkout's root folder. */
  root: string;
  /** The stack of `npm start`, which the commands take unless they are told --stack NAME. */
  defaultStack: string;
  /** The environment of every Pulumi command: PULUMI_BACKEND_URL, the passphrase and DOCKER_HOST are in it. */
  env: NodeJS.ProcessEnv;
  /** Where the state of a file backend lies, and what is kept beside it. */
  stateFolder: string;
  /** The folder of the project's `<stack>.json`; undefined for another backend than a file one. */
  stacksFolder: string | undefined;
  /** Runs one of Pulumi's commands on our own terminal. @returns its exit status */
  pulumi: (...args: string[]) => Promise<number>;
  /** Runs one of Pulumi's commands and returns what it says. */
  ask: (...args: string[]) => Promise<{ code: number; stdout: string; stderr: string }>;
}

/** A command's entry point. @returns the exit status. @default 0 @throws Error whose message is for the user */
export type Main = (args: string[], context: Context) => Promise<number | undefined>;

/** For a stack of which Docker has no container. */
export const absentStack = (stack: string, defaultStack: string): Error =>
  new Error(`Stack ${stack} has no containers. \`npm start\` deploys ${defaultStack}.`);
