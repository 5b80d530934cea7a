import { pause } from "../../services/kit/pause";
import { explain, judge, type Verdict } from "./judge";
import { type LedgerFindings, readLedger, settle } from "./ledger";
import { nowMs } from "./load/clock";
import { Load } from "./load/generator";
import { spread, type Spread } from "../kit/spread";
import type { Form, Scene } from "./scenes";
import { RECOVERY_LIMIT_MS, type Stage } from "./stage";

/** Load before and after what is done. */
const AROUND_MS = 2_000;

export interface SceneResult {
  name: string;
  title: string;
  allows: Scene["allows"];
  seconds: number;
  requests: number;
  /** Ms beyond what each request was asked to take, counted from when it was due. */
  latencyMs: Spread;
  ledger: LedgerFindings;
  /** From the end of what was done until Docker, Consul and nginx agreed; undefined: not in time. */
  recoveryMs: number | undefined;
  verdict: Verdict;
}

/** Plays one scene under load of its own, and judges it. */
export async function play(scene: Scene, form: Form, rate: number, prefix: string, stage: Stage): Promise<SceneResult> {
  const beganMs = nowMs();
  const limitMs = scene.recoveryLimitMs ?? RECOVERY_LIMIT_MS;
  const faults: string[] = [];
  stage.losses = [];
  const load = new Load({ port: stage.stack.httpPort, rate, prefix });
  await pause(AROUND_MS);
  await scene.play(stage, form).catch((error: unknown) => faults.push(`not played to its end: ${String(error)}`));
  const tookMs = await stage.agreement(limitMs);
  await pause(AROUND_MS);
  const seconds = (nowMs() - beganMs) / 1000;
  const outcomes = await load.stop();
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  const log = failed.length > 0 ? await stage.accessLog(beganMs) : "";
  const ledger = settle(outcomes, await readLedger((sql) => stage.query(sql), prefix));
  const verdict = judge(scene.allows, explain(failed, log), ledger, stage.losses, { tookMs, limitMs });
  if (tookMs === undefined) faults.push(stage.disagreement);
  return {
    name: scene.name,
    title: scene.title(form),
    allows: scene.allows,
    seconds,
    requests: outcomes.length,
    latencyMs: spread(
      outcomes.filter(({ problem }) => !problem).map(({ endMs, dueMs, planned }) => endMs - dueMs - planned.lastsMs),
    ),
    ledger,
    recoveryMs: tookMs,
    verdict: { ...verdict, faults: [...verdict.faults, ...faults] },
  };
}
