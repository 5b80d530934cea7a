/**
 * The config map `autoscale`: its keys, ranges and defaults. settings.ts reads it for the program, which writes it to the stack's output
 * of the same name, for the autoscaler. This file does not depend on Pulumi.
 */
import type { Problem } from "./reader";
import { suggestion } from "./suggestion";

export const MAX_REPLICAS = 100;

/** The variable with which the autoscaler passes the number of replicas to the `up` that it runs. Ignored without `autoscale`. */
export const REPLICAS_VARIABLE = "WORDPRESS_AUTOSCALE_REPLICAS";

/** Every value is a whole number. A target that is absent is ignored. */
export interface AutoscaleSettings {
  /** The fewest replicas. */
  min: number;
  /** The most replicas. */
  max: number;
  /** Target CPU usage of one replica, as percent of one core. */
  targetCpuPercent?: number;
  /** Target number of requests in flight per replica. */
  targetRequestsPerReplica?: number;
  /** Target mean response time of a replica. */
  targetUpstreamMilliseconds?: number;
  /** Tolerance: a load this close to its target changes nothing. */
  tolerancePercent: number;
  /** Interval between evaluations. */
  periodSeconds: number;
  /** Stabilization window for scaling up: the lowest recommendation in it is used. */
  scaleUpWindowSeconds: number;
  /** Stabilization window for scaling down: the highest recommendation in it is used. */
  scaleDownWindowSeconds: number;
  /** Within scaleUpPeriodSeconds at most this percentage is added, or scaleUpReplicas, whichever is more. */
  scaleUpPercent: number;
  scaleUpReplicas: number;
  scaleUpPeriodSeconds: number;
  /** Within scaleDownPeriodSeconds at most this percentage is removed, or scaleDownReplicas, whichever is more. */
  scaleDownPercent: number;
  scaleDownReplicas: number;
  scaleDownPeriodSeconds: number;
  /** The most runs of `up` within an hour. */
  actionsPerHour: number;
  /** Delay after a failed `up`; it doubles with each further failure, up to 15 minutes. */
  coolDownSeconds: number;
}

interface Range {
  from: number;
  to: number;
  /** @default none: a required key, or a target that is then ignored */
  fallback?: number;
}

/** Windows, tolerance and step bounds default to Kubernetes' (HorizontalPodAutoscaler, autoscaling/v2). */
const RANGES: Record<keyof AutoscaleSettings, Range> = {
  min: { from: 1, to: MAX_REPLICAS },
  max: { from: 1, to: MAX_REPLICAS },
  targetCpuPercent: { from: 1, to: 10_000 },
  targetRequestsPerReplica: { from: 1, to: 1_000 },
  targetUpstreamMilliseconds: { from: 1, to: 600_000 },
  tolerancePercent: { from: 0, to: 100, fallback: 10 },
  periodSeconds: { from: 1, to: 300, fallback: 5 },
  scaleUpWindowSeconds: { from: 0, to: 3600, fallback: 0 },
  scaleDownWindowSeconds: { from: 0, to: 3600, fallback: 300 },
  scaleUpPercent: { from: 0, to: 1_000, fallback: 100 },
  scaleUpReplicas: { from: 0, to: MAX_REPLICAS, fallback: 4 },
  scaleUpPeriodSeconds: { from: 1, to: 1800, fallback: 15 },
  scaleDownPercent: { from: 0, to: 100, fallback: 100 },
  scaleDownReplicas: { from: 0, to: MAX_REPLICAS, fallback: 0 },
  scaleDownPeriodSeconds: { from: 1, to: 1800, fallback: 15 },
  actionsPerHour: { from: 1, to: 3600, fallback: 20 },
  coolDownSeconds: { from: 1, to: 900, fallback: 30 },
};
const KEYS = Object.keys(RANGES) as (keyof AutoscaleSettings)[];
const TARGETS = KEYS.filter((key) => key.startsWith("target"));

/**
 * @param text JSON, as Pulumi passes a map to the program; "" and "{}" mean no settings
 * @returns undefined when there are no settings, or when a problem was reported
 */
export function readAutoscale(text: string, problem: Problem): AutoscaleSettings | undefined {
  const given = asMap(text);
  if (given === undefined) {
    problem("autoscale", text, "a map, such as {min: 2, max: 6, targetRequestsPerReplica: 4}");
    return undefined;
  }
  if (Object.keys(given).length === 0) return undefined;
  let refused = 0;
  const refuse = (key: string, got: string, allowed: string): void => {
    refused += 1;
    problem(key, got, allowed);
  };

  for (const [key, value] of Object.entries(given)) {
    if (!(KEYS as string[]).includes(key))
      refuse(
        `autoscale.${key}`,
        shown(value),
        `not a key of it${suggestion(key, KEYS)}; the keys are ${KEYS.join(", ")}`,
      );
  }
  const read = KEYS.flatMap((key): [string, number][] => {
    const { from, to, fallback } = RANGES[key];
    const value = given[key] ?? fallback;
    if (value === undefined && TARGETS.includes(key)) return [];
    const number = Number(value);
    if (!/^\d+$/.test(shown(value)) || number < from || number > to)
      refuse(`autoscale.${key}`, shown(value), `a whole number from ${from} to ${to}`);
    return [[key, number]];
  });
  const settings = Object.fromEntries(read) as unknown as AutoscaleSettings;
  if (TARGETS.every((key) => settings[key] === undefined))
    refuse("autoscale", text, `at least one target: ${TARGETS.join(", ")}`);
  if (settings.max < settings.min)
    refuse("autoscale.max", String(settings.max), `at least autoscale.min, which is ${settings.min}`);
  return refused === 0 ? settings : undefined;
}

export const clamp = (replicas: number, { min, max }: AutoscaleSettings): number =>
  Math.min(max, Math.max(min, replicas));

function asMap(text: string): Record<string, unknown> | undefined {
  if (text === "") return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const shown = (value: unknown): string =>
  value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
