/** Runs a command of ops/ in this process, as scripts/run.mjs does. */
import * as path from "node:path";
import type { Context, Main } from "../../ops/kit/context";

export interface Ran {
  /** 1 where it threw. */
  code: number;
  stdout: string;
  /** The error's message, as run.mjs prints it. */
  error: string;
}

/** What a command must not use unless the test gives it. */
const notGiven = (): never => {
  throw new Error("not given by the test");
};

export async function runCommand(main: Main, args: string[], context: Partial<Context> = {}): Promise<Ran> {
  let stdout = "";
  const log = jest.spyOn(console, "log").mockImplementation((line: string) => void (stdout += `${line}\n`));
  const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((stdout += String(text))));
  const whole: Context = {
    root: path.resolve(__dirname, "../.."),
    defaultStack: "dev",
    pulumi: notGiven,
    ask: notGiven,
    get env() {
      return notGiven();
    },
    get stateFolder() {
      return notGiven();
    },
    get stacksFolder() {
      return notGiven();
    },
    ...context,
  };
  try {
    return { code: (await main(args, whole)) ?? 0, stdout, error: "" };
  } catch (error) {
    return { code: 1, stdout, error: (error as Error).message };
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
}
