/** npm run campaign: a real stack under load, scene by scene. Exit status 1 when a scene does not go as it must. */
import * as fs from "node:fs";
import * as path from "node:path";
import { docker, removeByLabel, TestStack } from "../driver/stack";
import { growthMarkdown, growthPlot, measureGrowth } from "./growth";
import { createLedger } from "./ledger";
import { nowMs } from "./load/clock";
import { livesOf, stepsOf } from "./observe/moments";
import { Observer } from "./observe/observer";
import { type Options, readOptions } from "./options";
import { play, type SceneResult } from "./play";
import { CampaignProgram } from "./campaign-program";
import { markdown, type Results, sceneLines } from "./report";
import { scenes } from "./scenes";
import { Stage } from "./stage";

const root = path.resolve(__dirname, "../..");
const STACK = "test-campaign";
const SLOT = 8;
/** Room for the long requests of all clients at one replica; idle clients ask within keepaliveMinSeconds. */
const DIALS = { wordpressWorkers: "32", keepaliveMinSeconds: "5", drainSeconds: "6", siteTitle: "Campaign" };

/** What it shares with the benchmarks, which are scripts. */
export interface Tools {
  /** What is measured on, in one sentence. */
  machine(): Promise<string>;
  /** Puts a text between its marks in docs/campaign.md. */
  writeSection(name: string, text: string): void;
}

const say = (text: string): void => console.log(text);

/** A stack of its own with the probe in its site, for as long as `work` takes. */
async function onStage<T>(work: (stage: Stage, observer: Observer) => Promise<T>): Promise<T> {
  using program = new CampaignProgram(root);
  await using stack = await TestStack.create(STACK, SLOT, DIALS, { program: program.folder });
  const deployedMs = nowMs();
  await stack.up();
  say(`[ok]   ${((nowMs() - deployedMs) / 1000).toFixed(0).padStart(4)}s  up of stack ${STACK}`);
  const stage = new Stage(stack, program, (what) => say(`       ${new Date().toISOString().slice(11, 19)}  ${what}`));
  await using observer = new Observer(docker, STACK, stack.consulPort);
  return await work(stage, observer);
}

async function campaign(options: Options, machine: string, stage: Stage, observer: Observer): Promise<Results> {
  await createLedger((sql) => stage.query(sql));
  const beganMs = nowMs();
  const played: SceneResult[] = [];
  for (const scene of scenes.filter(({ name }) => options.scenes.includes(name))) {
    const result = await play(scene, options.form, options.rate, scene.name, stage);
    played.push(result);
    sceneLines(result).forEach(say);
  }
  observer.noteRendered(await stage.reloaderLog(beganMs));
  const steps = stepsOf(livesOf(observer.moments));
  return { machine, rate: options.rate, seconds: (nowMs() - beganMs) / 1000, scenes: played, steps };
}

/** Sets the process's exit status. @throws Error for arguments that cannot be, and where the stack cannot be deployed */
export async function run(tools: Tools): Promise<void> {
  // Until the end is reached: a process that runs out of things to wait for ends with 0.
  process.exitCode = 1;
  const options = readOptions(process.argv.slice(2), scenes);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void removeByLabel(STACK).finally(() => process.exit(1)));
  }
  const machine = await tools.machine();
  const results = options.growth
    ? { machine, sizes: await onStage(measureGrowth) }
    : await onStage((stage, observer) => campaign(options, machine, stage, observer));
  if (options.json !== undefined) fs.writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  const text = "sizes" in results ? growthMarkdown(results) : markdown(results);
  say(`\n${text}\n`);
  if (options.write) tools.writeSection("sizes" in results ? "growth" : "campaign", text);
  if ("sizes" in results) {
    if (options.write) fs.writeFileSync(path.join(root, "docs/growth.svg"), growthPlot(results));
    process.exitCode = 0;
    return;
  }
  const failed = results.scenes.filter(({ verdict }) => verdict.faults.length > 0).length;
  say(`${results.scenes.length - failed} scenes as they must be, ${failed} not`);
  process.exitCode = failed === 0 ? 0 : 1;
}
