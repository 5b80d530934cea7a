/** npm run campaign: a real stack under load, scene by scene. Exit status 1 when a scene does not go as it must. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Main } from "../../ops/kit/context";
import { docker, removeWhenInterrupted, TestStack } from "../driver/stack";
import { machine, writeSection } from "../kit/measured";
import { CampaignProgram } from "./campaign-program";
import { growthMarkdown, growthPlot, measureGrowth } from "./growth";
import { createLedger } from "./ledger";
import { nowMs } from "./load/clock";
import { livesOf, stepsOf } from "./observe/moments";
import { Observer } from "./observe/observer";
import { type Options, readOptions } from "./options";
import { play, type SceneResult } from "./play";
import { markdown, type Results, sceneLines } from "./report";
import { scenes } from "./scenes";
import { Stage } from "./stage";

const STACK = "test-campaign";
const SLOT = 8;
/** Room for the long requests of all clients at one replica; idle clients ask within keepaliveMinSeconds. */
const DIALS = { wordpressWorkers: "32", keepaliveMinSeconds: "5", drainSeconds: "6", siteTitle: "Campaign" };

const say = (text: string): void => console.log(text);

/** A stack of its own with the probe in its site, for as long as `work` takes. */
async function onStage<T>(root: string, work: (stage: Stage, observer: Observer) => Promise<T>): Promise<T> {
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

/** @throws Error for arguments that cannot be, and where the stack cannot be deployed */
export const main: Main = async (args, { root }) => {
  const options = readOptions(args, scenes);
  removeWhenInterrupted(STACK);
  const where = await machine();
  const results = options.growth
    ? { machine: where, sizes: await onStage(root, measureGrowth) }
    : await onStage(root, (stage, observer) => campaign(options, where, stage, observer));
  if (options.json !== undefined) fs.writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  const text = "sizes" in results ? growthMarkdown(results) : markdown(results);
  say(`\n${text}\n`);
  if (options.write) writeSection(root, "sizes" in results ? "growth" : "campaign", text, "campaign.md");
  if ("sizes" in results) {
    if (options.write) fs.writeFileSync(path.join(root, "docs/growth.svg"), growthPlot(results));
    return 0;
  }
  const failed = results.scenes.filter(({ verdict }) => verdict.faults.length > 0).length;
  say(`${results.scenes.length - failed} scenes as they must be, ${failed} not`);
  return failed === 0 ? 0 : 1;
};
