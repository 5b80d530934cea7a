/** How long nginx takes to route a replica, and to drop one, by the number of replicas. Without load: the control plane's own time. */
import type { ContainerInfo } from "../driver/stack";
import { docker } from "../driver/stack";
import { until } from "../driver/until";
import { nowMs } from "./load/clock";
import { spread, type Spread } from "../kit/spread";
import { livesOf, stepsOf } from "./observe/moments";
import type { Observer } from "./observe/observer";
import { plot } from "./plot";
import { table } from "./report";
import type { Stage } from "./stage";

export const SIZES = [2, 10, 30];
/** Replicas that are stopped and started at each size. */
const SAMPLES = 20;

export interface Growth {
  machine: string;
  sizes: {
    replicas: number;
    /** Docker's `healthy` event → an nginx worker with it answers, ms. */
    routed: Spread;
    /** Docker's `kill` event with the stop signal → a worker without it answers, ms. */
    unrouted: Spread;
    /** HUP sent → a worker of the new configuration answers, ms. */
    reload: Spread;
  }[];
}

export async function measureGrowth(stage: Stage, observer: Observer): Promise<Growth["sizes"]> {
  const sizes: Growth["sizes"] = [];
  for (const replicas of SIZES) {
    await stage.scale(replicas);
    const beganMs = nowMs();
    observer.moments.length = 0;
    const containers = await stage.stack.containers("wordpress");
    for (let sample = 0; sample < SAMPLES; sample++) {
      const container = containers[sample % containers.length];
      if (container !== undefined) await stopAndStart(stage, container);
    }
    const { routed, unrouted } = stepsOf(livesOf(observer.moments));
    const reload = (await stage.reloaderLog(beganMs)).flatMap(({ message, tookMs }) =>
      message === "serving" && tookMs !== undefined ? [tookMs] : [],
    );
    sizes.push({ replicas, routed: spread(routed), unrouted: spread(unrouted), reload: spread(reload) });
  }
  return sizes;
}

/** Asks it to stop, kills it as soon as nginx is without it, and starts it again. */
async function stopAndStart(stage: Stage, { Id, Name }: ContainerInfo): Promise<void> {
  const container = docker.getContainer(Id);
  const isRouted = async () => (await stage.stack.applied())?.members.some(({ name }) => `/${name}` === Name);
  const stopped = container.stop({ t: 80 });
  await until("it is out of nginx", async () => (await isRouted()) === false, { pauseMs: 50 });
  await Promise.all([container.kill(), stopped]);
  await container.start();
  await until("it is in nginx", isRouted, { pauseMs: 50 });
}

export function growthMarkdown({ machine, sizes }: Growth): string {
  const cell = ({ p50, p95 }: Spread): string => `${Math.round(p50)} / ${Math.round(p95)} ms`;
  return [
    `${machine} No load; ${SAMPLES} replicas stopped and started at each size, median / p95.`,
    "",
    table(
      ["replicas", "`healthy` → serving", "stop signal → serving without it", "HUP → a new worker answers"],
      sizes.map(({ replicas, routed, unrouted, reload }) => [
        String(replicas),
        cell(routed),
        cell(unrouted),
        cell(reload),
      ]),
    ),
    "",
    "![The same as a plot](growth.svg)",
  ].join("\n");
}

export const growthPlot = ({ sizes }: Growth): string =>
  plot(
    { title: "Time to route a replica, by the number of replicas", x: "replicas", y: "ms" },
    (
      [
        ["routed", "p50", "routed, median"],
        ["routed", "p95", "routed, p95"],
        ["unrouted", "p50", "dropped, median"],
        ["unrouted", "p95", "dropped, p95"],
        ["reload", "p50", "reload, median"],
        ["reload", "p95", "reload, p95"],
      ] as const
    ).map(([kind, rank, name]) => ({
      name,
      points: sizes.map((size) => ({ x: size.replicas, y: size[kind][rank] })).filter(({ y }) => !Number.isNaN(y)),
    })),
  );
