/**
 * A scene: a program of the conformance set in several stages, and what is done with it. What came of each act by the CLI 3.260 is kept
 * beside the program; this engine, and both by turns, have to come to the same.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Conformance, type Engine } from "./conformance";
import { stateLines } from "./state-lines";

export interface Act {
  /** The stage of the program, from this act on. */
  readonly step?: number;
  /** The command and its flags. @default ["up"] */
  readonly run?: readonly [string, ...string[]];
  /** Names of what the run is about. @default all */
  readonly targets?: readonly string[];
  /** What the world refuses meanwhile, such as `create a`. */
  readonly fails?: readonly string[];
  /** What is made meanwhile, but does not get well. */
  readonly half?: readonly string[];
  /** Names of things that somebody removes by hand before. */
  readonly gone?: readonly string[];
  /** What somebody changes by hand before, by the name of the thing. */
  readonly drift?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What the run says when it fails, as it has to. @default it succeeds */
  readonly refuses?: RegExp;
  /** After a whole `up` either engine finds nothing to do, unless this says why not. */
  readonly open?: string;
}

/** What an act came to. */
export interface Outcome {
  readonly act: string;
  readonly code: number;
  /** What was done to the things, sorted. */
  readonly calls: readonly string[];
  /** The things that there are. */
  readonly things: readonly string[];
  readonly state: readonly string[];
}

const recording = (program: string): string => resolve(__dirname, "../conformance/programs", program, "cli-3.260.json");

/** What came of it by the CLI. */
export function recorded(program: string): Outcome[] {
  return JSON.parse(readFileSync(recording(program), "utf8")) as Outcome[];
}

/** Whether what the CLI does is to be noted anew, instead of compared. */
export const isRecording = process.env["RECORD"] !== undefined;

export function record(program: string, outcomes: readonly Outcome[]): void {
  writeFileSync(recording(program), `${JSON.stringify(outcomes, undefined, 2)}\n`);
}

/** Plays a scene by turns, and in the end destroys what is left. @param expected what each act has to come to */
export async function play(
  program: string,
  acts: readonly Act[],
  engines: readonly [Engine, ...Engine[]],
  expected: readonly Outcome[] | undefined,
): Promise<Outcome[]> {
  const run = new Conformance(program);
  const stage = new Stage(run);
  const outcomes: Outcome[] = [];
  const everything: readonly Act[] = [...acts, { run: ["destroy"] }];
  try {
    await run.init(engines[0]);
    for (const [i, act] of everything.entries()) {
      const engine = engines[i % engines.length] ?? engines[0];
      outcomes.push(await stage.perform(act, engine));
      // At the first difference: what follows from it says nothing.
      if (expected !== undefined) expect(outcomes.at(-1)).toEqual(expected[i]);
      const { run: [command, ...flags] = ["up"], refuses, open, targets } = act;
      const whole = command === "up" && flags.length === 0 && targets === undefined;
      if (engines.length === 1 || !whole || refuses !== undefined || open !== undefined) continue;
      // By the engine that did not do it.
      await run.nothingToDo(engines[(i + 1) % engines.length] ?? engine);
    }
    expect(outcomes.length).toBe(expected?.length ?? outcomes.length);
    return outcomes;
  } finally {
    run.dispose();
  }
}

class Stage {
  private readonly world: string;
  private step = 1;

  constructor(private readonly run: Conformance) {
    this.world = join(run.folder, "world");
    for (const folder of ["things", "made"]) mkdirSync(join(this.world, folder), { recursive: true });
    this.run.variables["WORLD"] = this.world;
  }

  async perform(act: Act, engine: Engine): Promise<Outcome> {
    const { run: [command, ...flags] = ["up"], targets = [], refuses } = act;
    this.step = act.step ?? this.step;
    this.run.variables["STEP"] = String(this.step);
    this.prepare(act);
    const unasked = ["up", "refresh", "destroy"].includes(command) ? ["--yes", "--skip-preview"] : [];
    const aims = targets.flatMap((name) => ["--target", `**::${name}`]);
    const { code, output } = await this.run.try(engine, command, ...flags, ...unasked, ...aims);
    const said = [command, ...flags, ...targets.map((name) => `--target ${name}`)].join(" ");
    const outcome = { act: `${said} (step ${this.step})`, code, ...this.look() };
    if (refuses === undefined ? code !== 0 : code === 0 || !refuses.test(output))
      throw new Error(`${engine}: ${outcome.act} ended with ${code}:\n${output}`);
    return outcome;
  }

  private prepare({ fails = [], half = [], gone = [], drift = {} }: Act): void {
    for (const [folder, operations] of Object.entries({ fails, half })) {
      rmSync(join(this.world, folder), { recursive: true, force: true });
      mkdirSync(join(this.world, folder));
      for (const operation of operations) writeFileSync(join(this.world, folder, operation), "");
    }
    for (const id of this.things.filter((each) => gone.includes(nameOf(each)))) rmSync(this.fileOf(id));
    for (const [name, changes] of Object.entries(drift))
      for (const id of this.things.filter((each) => nameOf(each) === name)) {
        const before = JSON.parse(readFileSync(this.fileOf(id), "utf8")) as object;
        writeFileSync(this.fileOf(id), JSON.stringify({ ...before, ...changes }));
      }
    rmSync(join(this.world, "calls"), { force: true });
  }

  private look(): Omit<Outcome, "act" | "code"> {
    const calls = join(this.world, "calls");
    return {
      calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n").sort() : [],
      things: this.things,
      state: stateLines(this.run.latest),
    };
  }

  private get things(): string[] {
    return readdirSync(join(this.world, "things")).sort();
  }

  private fileOf(id: string): string {
    return join(this.world, "things", id);
  }
}

function nameOf(id: string): string {
  return id.split("#")[0] ?? "";
}
