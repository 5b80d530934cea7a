/**
 * A {@link World} whose state lies in a real file backend, and whose runs have to get the stack's real lock first, as those of the command
 * line do: of several that begin at about the same time, on machines where processes live, die, and get the numbers of dead ones.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../src/failure";
import { FileBackend } from "../../src/state/file-backend";
import { StackLock, thisMachine, type Machine } from "../../src/state/lock";
import type { Ending, Plan } from "./crashing-world/plan";
import { World } from "./crashing-world/world";

const NAME = { project: "proj", stack: "dev" };

/** A run that wants the stack. */
export interface Contender {
  readonly plan: Plan;
  /** Of these there are two on the host: nobody sees the processes of the other one. */
  readonly namespace: number;
  readonly pid: number;
  /** How many turns after the first one it begins. */
  readonly delay: number;
  /** Where the plan kills it: it only stops there, and lives on with its lock for so many rounds. */
  readonly lingers: number;
}

export interface Attempt {
  readonly contender: Contender;
  /** undefined: it was refused. */
  readonly ending: Ending | undefined;
}

interface Process {
  readonly namespace: number;
  readonly startTime: string;
  /** Rounds that it will live on, having stopped. */
  lingers: number;
  /** Whether one that can see it has begun since it got the lock. */
  seen: boolean;
}

export class ContendedWorld extends World {
  private readonly backend: FileBackend;
  private readonly locks: string;
  /** What is alive, by namespace and number. */
  private readonly alive = new Map<string, Process>();
  private clock = 0;
  /** How often the lock of one that was gone was taken over. */
  takeovers = 0;
  /** Runs that are past the lock and have not ended. */
  private running = 0;

  private constructor(readonly root: string) {
    super();
    this.backend = new FileBackend(root);
    this.locks = join(root, ".pulumi/locks/organization", NAME.project, NAME.stack);
  }

  static async make(): Promise<ContendedWorld> {
    return new ContendedWorld(await mkdtemp(join(tmpdir(), "contended-")));
  }

  async dispose(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  override async store(text: string): Promise<void> {
    await this.backend.write(NAME, text);
    void super.store(text);
  }

  /** What the CLI puts there while it is at work; of it nobody can tell whether it is gone. */
  async lockByCli(): Promise<void> {
    const owner = { pid: 1, username: "anna", hostname: "here", timestamp: "2026-01-02T03:04:05Z" };
    await mkdir(this.locks, { recursive: true });
    await writeFile(join(this.locks, "cli.json"), JSON.stringify(owner));
  }

  async unlockByCli(): Promise<void> {
    await rm(join(this.locks, "cli.json"));
  }

  /** `pulumi cancel`, which a person says of runs that are over. */
  async cancel(): Promise<void> {
    this.alive.clear();
    this.holders.clear();
    await new StackLock(this.locks, this.machine(99, 0)).cancel();
  }

  async lockFiles(): Promise<string[]> {
    return (await readdir(this.locks).catch(() => [])).sort();
  }

  /** The namespaces of those that want the lock now. */
  private readonly waiting: number[] = [];
  /** Those that got the lock and have not given it back. */
  private readonly holders = new Set<Process>();

  /** Whether a run in that namespace can tell of each lock that its process is gone. */
  async isFreeFor(namespace: number): Promise<boolean> {
    const owners = await this.owners();
    return [...this.holders]
      .filter(({ startTime }) => owners.has(startTime))
      .every((holder) => holder.namespace === namespace && !this.isAlive(holder));
  }

  /** The start times in the locks that there are. */
  private async owners(): Promise<Set<string>> {
    const files = await this.lockFiles();
    const texts = await Promise.all(files.map((file) => readFile(join(this.locks, file), "utf8").catch(() => "{}")));
    return new Set(texts.map((text) => (JSON.parse(text) as { process?: Process }).process?.startTime ?? ""));
  }

  /** Somebody goes on: whoever held the lock must be gone, and known to be. */
  private async judgeTakeover(key: string, process: Process): Promise<void> {
    const owners = await this.owners();
    for (const holder of this.holders) {
      const crime = (what: string): void => void this.crimes.push(`${key} goes on beside ${what}`);
      if (owners.has(holder.startTime)) crime("a lock");
      else if (this.isAlive(holder)) crime("a process that lives, and whose lock is gone");
      else if (!holder.seen && holder.namespace !== process.namespace) crime("one that nobody could know to be gone");
    }
    this.takeovers += this.holders.size;
    this.holders.clear();
    this.holders.add(process);
    process.seen = this.waiting.filter((namespace) => namespace === process.namespace).length > 1;
    if (++this.running > 1) this.crimes.push(`${key} runs beside another one`);
  }

  private isAlive(process: Process): boolean {
    return [...this.alive.values()].includes(process);
  }

  /** Another round: what had stopped may be killed. */
  age(): void {
    for (const [key, process] of this.alive) if (--process.lingers < 0) this.alive.delete(key);
  }

  /** All of them begin; each ends, dies, stops, or is refused. */
  async contend(contenders: readonly Contender[]): Promise<Attempt[]> {
    // A number belongs to one process at a time.
    const fresh = new Map(contenders.map((each) => [keyOf(each), each]));
    const starting = [...fresh].filter(([key]) => !this.alive.has(key));
    for (const [key, { namespace }] of starting)
      this.alive.set(key, { namespace, startTime: String(++this.clock), lingers: 0, seen: false });
    return Promise.all(starting.map(async ([, contender]) => ({ contender, ending: await this.attempt(contender) })));
  }

  /** As the command line does it: lock, read, run, release. */
  private async attempt(contender: Contender): Promise<Ending | undefined> {
    const { namespace, pid, delay, lingers, plan } = contender;
    const key = keyOf(contender);
    const process = this.alive.get(key);
    if (!process) throw new Error(`${key} does not live`);
    await turns(delay);
    for (const holder of this.holders) if (holder.namespace === namespace) holder.seen = true;
    this.waiting.push(namespace);
    const lock = new StackLock(this.locks, this.machine(pid, namespace));
    try {
      await lock.acquire(() => undefined);
      await this.judgeTakeover(key, process);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.alive.delete(key);
      return undefined;
    } finally {
      this.waiting.splice(this.waiting.indexOf(namespace), 1);
    }
    const stored = (await this.backend.read(NAME)) ?? this.disk;
    if (stored !== this.disk) this.crimes.push(`${key} found a state that nobody wrote`);
    const ending = await this.run(plan);
    this.running -= 1;
    if (ending.struck && plan.fault.what === "kill") {
      process.lingers = lingers;
      if (lingers === 0) this.alive.delete(key);
      return ending;
    }
    this.holders.delete(process);
    await lock.release();
    this.alive.delete(key);
    return ending;
  }

  private machine(pid: number, namespace: number): Machine {
    const startTimeOf = (of: number): string => this.alive.get(keyOf({ namespace, pid: of }))?.startTime ?? "gone";
    return {
      pid,
      hostname: "here",
      username: "anna",
      now: () => new Date("2026-01-02T03:04:05Z"),
      identityOf: (of) => ({ bootId: "b", namespaces: `n${namespace}`, startTime: startTimeOf(of) }),
      startTimeOf,
      pause: (milliseconds) => thisMachine.pause(milliseconds),
    };
  }
}

function keyOf({ namespace, pid }: Pick<Contender, "namespace" | "pid">): string {
  return `${namespace} ${pid}`;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
