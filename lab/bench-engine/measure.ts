/** The engines in turn on the same containers, and the embedded one on resources that are nothing but state. */
import { join } from "node:path";
import { answers, compose, type Engine, pulumi } from "./engines";
import { peakOfTree, type Taken } from "./processes";
import { containersProgram, fakesProgram, LABEL } from "./programs";

/** Resources that are nothing but state. */
export const FAKES = 500;

/** Each begins with one container; in the order in which they are run. */
export const scenes = [
  { name: "nothing to do", count: 1 },
  { name: "+4 containers", count: 5 },
  { name: "+20 containers", count: 21 },
] as const;
type SceneName = (typeof scenes)[number]["name"];

/** Ms of each run, by engine and scene. "embedded" is always there, and first. */
export type Times = Record<string, Record<SceneName, number[]>>;

export interface FakesTaken {
  create: Taken;
  idle: Taken[];
  /** With nothing to do: the engine's, the program's and the providers' memory together. */
  allMiB: number;
  destroy: Taken;
}

const embedded = (root: string): readonly [string, string] => [process.execPath, join(root, "engine/dist/cli.js")];

export async function compareOnContainers(root: string, folder: string, runs: number): Promise<Times> {
  const engines = await enginesHere(root, folder);
  const times: Times = Object.fromEntries(
    engines.map(({ name }) => [name, { "nothing to do": [], "+4 containers": [], "+20 containers": [] }]),
  );
  try {
    for (const { engine } of engines) {
      await engine.prepare();
      await engine.set(1);
      await engine.apply();
    }
    for (let turn = 1; turn <= runs; turn++) {
      for (const { name, engine } of engines) {
        console.error(`run ${turn} of ${runs}: ${name}`);
        for (const scene of scenes) {
          await engine.set(scene.count);
          times[name]?.[scene.name].push((await engine.apply()).ms);
          if (scene.count === 1) continue;
          await engine.set(1);
          await engine.apply();
        }
      }
    }
  } finally {
    for (const { name, engine } of engines) await engine.destroy().catch((error: unknown) => leftOver(name, error));
  }
  return times;
}

async function enginesHere(root: string, folder: string): Promise<{ name: string; engine: Engine }[]> {
  const by = (name: string, command: readonly [string, ...string[]]): Engine =>
    pulumi(root, join(folder, name), containersProgram, command, `bench-${name}`);
  const engines = [{ name: "embedded", engine: by("embedded", embedded(root)) }];
  if (await answers("docker", "compose", "version")) {
    engines.push({ name: "docker compose", engine: compose(join(folder, "compose"), "bench-compose") });
  } else {
    console.error("docker compose is not installed: nothing is compared with it");
  }
  if (await answers("pulumi", "version")) {
    engines.push({ name: "Pulumi CLI", engine: by("cli", ["pulumi", "--non-interactive"]) });
  } else {
    console.error("there is no pulumi on PATH: nothing is compared with the CLI");
  }
  return engines;
}

/** Docker 20.10 sometimes keeps a network that has no container any more; the figures are right all the same. */
const leftOver = (name: string, error: unknown): void =>
  console.error(
    `${name} could not remove what it made (docker ps -a --filter label=${LABEL}): ${error instanceof Error ? error.message : String(error)}`,
  );

/** The embedded engine on as many random ids. */
export async function measureFakes(root: string, folder: string, runs: number): Promise<FakesTaken> {
  const engine = pulumi(root, join(folder, "fakes"), fakesProgram, embedded(root), "unused");
  await engine.prepare();
  await engine.set(FAKES);
  const create = await engine.apply();
  const idle: Taken[] = [];
  for (let turn = 1; turn <= runs; turn++) idle.push(await engine.apply());
  const allMiB = await peakOfTree(() => engine.apply());
  const destroy = await engine.destroy();
  return { create, idle, allMiB, destroy };
}
