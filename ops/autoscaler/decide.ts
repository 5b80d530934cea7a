/**
 * The decision, pure: load in, number of replicas out. The order is that of Kubernetes' HorizontalPodAutoscaler with `behavior`
 * (horizontal.go): largest wish, stabilisation windows, step bounds, min and max; after it what is ours: cool-down, actions an hour.
 */
import { type AutoscaleSettings, clamp } from "../../settings/autoscale";
import type { Decision, Samples, State, Wish } from "./model";
import { type Wished, wishByReplica, wishByTotal, wishByValue } from "./wishes";

const HOUR = 3_600_000;
const LONGEST_COOL_DOWN = 900_000;
/** Somebody else's `up` is under way: looked at again after this. */
const BUSY_PAUSE = 15_000;

/** At the start the number that runs counts as wished for, so that nothing is taken away before a whole window was seen. */
export const initialState = (current: number, now: number, actions: number[] = []): State => ({
  recommendations: [{ at: now, replicas: current }],
  changes: [],
  actions,
  failures: 0,
  notBefore: 0,
});

export function decide(
  state: State,
  current: number,
  samples: Samples,
  settings: AutoscaleSettings,
  now: number,
): { decision: Decision; state: State } {
  const wishes = wishesOf(current, samples, settings);
  const base = { current, wishes };
  const bounded = clamp(current, settings);
  if (bounded !== current) {
    const reason = `${current} is outside of ${settings.min} to ${settings.max}`;
    return gate(state, { ...base, replicas: bounded, reason }, settings, now);
  }
  const known = wishes.flatMap(({ replicas }) => (replicas === undefined ? [] : [replicas]));
  const largest = Math.max(...known);
  const isMissing = known.length < wishes.length;
  // What is missing might wish for more: the others alone may add, never take away.
  if (known.length === 0 || (isMissing && largest <= current)) {
    const missing = wishes.flatMap((wish) => (wish.missing === undefined ? [] : [`${wish.metric}: ${wish.missing}`]));
    return {
      decision: { ...base, replicas: current, reason: `missing: ${missing.join("; ")}` },
      state: trim(state, now),
    };
  }
  const seen = isBlind(state, settings, now)
    ? { ...state, recommendations: [...state.recommendations, { at: now, replicas: current }] }
    : state;
  const { replicas, reason } = settle(seen, current, largest, settings, now);
  const next = { ...seen, recommendations: [...seen.recommendations, { at: now, replicas: largest }] };
  return gate(next, { ...base, recommendation: largest, replicas, reason }, settings, now);
}

/** Nothing was seen for longer than the window: it begins anew, as at the start. */
const isBlind = ({ recommendations }: State, settings: AutoscaleSettings, now: number): boolean =>
  now - (recommendations.at(-1)?.at ?? -Infinity) >
  1000 * Math.max(settings.scaleDownWindowSeconds, 2 * settings.periodSeconds);

/** An `up` for `to` replicas begins. */
export const begun = (state: State, now: number): State => ({ ...state, actions: [...state.actions, now] });

/** It has ended. `busy`: it did not run, since another one held the stack. */
export function ended(
  state: State,
  {
    from,
    to,
    startedAt,
    outcome,
  }: { from: number; to: number; startedAt: number; outcome: "done" | "failed" | "busy" },
  settings: Pick<AutoscaleSettings, "coolDownSeconds">,
  now: number,
): State {
  if (outcome === "done")
    return { ...state, changes: [...state.changes, { at: startedAt, from, to }], failures: 0, notBefore: 0 };
  if (outcome === "busy")
    return { ...state, actions: state.actions.filter((at) => at !== startedAt), notBefore: now + BUSY_PAUSE };
  const pause = Math.min(LONGEST_COOL_DOWN, settings.coolDownSeconds * 1000 * 2 ** Math.min(state.failures, 20));
  return { ...state, failures: state.failures + 1, notBefore: now + pause };
}

function wishesOf(current: number, samples: Samples, settings: AutoscaleSettings): Wish[] {
  const tolerance = settings.tolerancePercent / 100;
  const { replicas } = samples;
  const unlisted = "docker does not list the replicas";
  const wishes: Wish[] = [];
  const add = (metric: Wish["metric"], target: number | undefined, wish: (target: number) => Wished | string): void => {
    if (target === undefined) return;
    const wished = wish(target);
    wishes.push({ metric, target, ...(typeof wished === "string" ? { missing: wished } : wished) });
  };
  add("requests", settings.targetRequestsPerReplica, (target) =>
    samples.requestsInFlight === undefined
      ? "nginx's numbers cannot be read"
      : wishByTotal(current, target, samples.requestsInFlight, tolerance),
  );
  add("upstream", settings.targetUpstreamMilliseconds, (target) =>
    samples.upstreamMilliseconds === undefined
      ? "nginx's numbers cannot be read"
      : replicas === undefined
        ? unlisted
        : wishByValue(
            current,
            replicas.filter(({ isReady }) => isReady).length,
            target,
            samples.upstreamMilliseconds,
            tolerance,
          ),
  );
  add("cpu", settings.targetCpuPercent, (target) =>
    replicas === undefined
      ? unlisted
      : wishByReplica(
          current,
          target,
          replicas.map(({ isReady, cpuPercent }) => ({ isReady, value: cpuPercent })),
          tolerance,
        ),
  );
  return wishes;
}

/** Windows, then step bounds, then min and max. */
function settle(
  { recommendations, changes }: State,
  current: number,
  wish: number,
  settings: AutoscaleSettings,
  now: number,
): { replicas: number; reason: string } {
  const within = (seconds: number): number[] =>
    recommendations.filter(({ at }) => at > now - seconds * 1000).map(({ replicas }) => replicas);
  const lowest = Math.min(wish, ...within(settings.scaleUpWindowSeconds));
  const highest = Math.max(wish, ...within(settings.scaleDownWindowSeconds));
  const stable = current < lowest ? lowest : current > highest ? highest : current;
  const bounds = stepBounds(changes, current, settings, now);
  const stepped = Math.min(bounds.most, Math.max(bounds.least, stable));
  const replicas = clamp(stepped, settings);
  const window = wish < current ? settings.scaleDownWindowSeconds : settings.scaleUpWindowSeconds;
  const period = stable < current ? settings.scaleDownPeriodSeconds : settings.scaleUpPeriodSeconds;
  const bounded = [
    ...(stable === wish ? [] : [`the window of ${window} s`]),
    ...(stepped === stable ? [] : [`the step of ${period} s`]),
    ...(replicas === stepped ? [] : [replicas < stepped ? "max" : "min"]),
  ];
  const reason =
    bounded.length > 0
      ? `load wants ${wish}, held by ${bounded.join(" and ")}`
      : wish === current
        ? "at target"
        : "load";
  return { replicas, reason };
}

/** How far one step may go: from the number at the period's beginning, by percent or by replicas, whichever is more. */
function stepBounds(
  changes: State["changes"],
  current: number,
  settings: AutoscaleSettings,
  now: number,
): { most: number; least: number } {
  const atBeginning = (seconds: number): number =>
    changes
      .filter(({ at }) => at > now - seconds * 1000)
      .reduce((replicas, { from, to }) => replicas - (to - from), current);
  const beforeUp = atBeginning(settings.scaleUpPeriodSeconds);
  const beforeDown = atBeginning(settings.scaleDownPeriodSeconds);
  const most = Math.max(
    Math.ceil((beforeUp * (100 + settings.scaleUpPercent)) / 100),
    beforeUp + settings.scaleUpReplicas,
  );
  const least = Math.min(
    Math.floor((beforeDown * (100 - settings.scaleDownPercent)) / 100),
    beforeDown - settings.scaleDownReplicas,
  );
  return { most: Math.max(most, current), least: Math.min(least, current) };
}

/** Whether the decision may be acted on now. */
function gate(
  untrimmed: State,
  decision: Decision,
  settings: AutoscaleSettings,
  now: number,
): { decision: Decision; state: State } {
  const state = trim(untrimmed, now);
  if (decision.replicas === decision.current) return { decision, state };
  const seconds = Math.ceil((state.notBefore - now) / 1000);
  const [oldest = now] = state.actions;
  const held =
    seconds > 0
      ? `${state.failures > 0 ? `${state.failures} failed in a row` : "the stack was locked"}: next try in ${seconds} s`
      : state.actions.length >= settings.actionsPerHour
        ? `${state.actions.length} actions in an hour: next in ${Math.ceil((oldest + HOUR - now) / 1000)} s`
        : undefined;
  return { decision: held === undefined ? decision : { ...decision, held }, state };
}

/** Forgets what no window, period or bound reaches any more. */
const trim = (state: State, now: number): State => {
  const kept = <T extends { at: number }>(list: T[]): T[] => list.filter(({ at }) => at > now - HOUR);
  return {
    ...state,
    recommendations: kept(state.recommendations),
    changes: kept(state.changes),
    actions: state.actions.filter((at) => at > now - HOUR),
  };
};
