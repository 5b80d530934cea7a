/** What is done to a stack of two replicas under load, and what may become of the requests meanwhile. */
import type { Allowance } from "./judge";
import { pause } from "../../services/kit/pause";
import type { Stage } from "./stage";

export type Form = "short" | "long";

export interface Scene {
  name: string;
  /** What is done. */
  title: (form: Form) => string;
  allows: Allowance;
  /** Left out of the short form, which CI runs. */
  longOnly?: true;
  /** @default 30 s */
  recoveryLimitMs?: number;
  play: (stage: Stage, form: Form) => Promise<void>;
}

const many = (form: Form, long: number, short: number): number => (form === "long" ? long : short);

const control = (role: string): Scene => ({
  name: role,
  title: (form) => `${role} killed, and started ${many(form, 10, 3)} s later`,
  allows: "none",
  play: async (stage, form) => {
    const container = await stage.container(role);
    await stage.kill(container);
    await pause(many(form, 10, 3) * 1000);
    await stage.start(container);
  },
});

/** In their order. Each begins and ends with two replicas that are routed. */
export const scenes: Scene[] = [
  {
    name: "steady",
    title: (form) => `nothing happens for ${many(form, 10, 3)} s`,
    allows: "none",
    play: (_stage, form) => pause(many(form, 10, 3) * 1000),
  },
  {
    name: "scale",
    title: (form) => `2→5→2 replicas, ${many(form, 20, 1)} times`,
    allows: "none",
    play: async (stage, form) => {
      for (let cycle = 0; cycle < many(form, 20, 1); cycle++) {
        await stage.scale(5);
        await stage.scale(2);
      }
    },
  },
  {
    name: "update",
    title: (form) => `the site's code changed, ${many(form, 5, 1)} times`,
    allows: "none",
    play: async (stage, form) => {
      for (let release = 1; release <= many(form, 5, 1); release++) await stage.update(release);
    },
  },
  control("consul"),
  control("consul-template"),
  control("registrator"),
  { name: "wipe", title: () => "Consul's data wiped", allows: "none", play: (stage) => stage.wipeConsul() },
  // Right after: a control plane that has not noticed the loss does not notice the stop either.
  {
    name: "stop",
    title: (form) => `a replica stopped by hand, and started again, ${many(form, 3, 1)} times`,
    allows: "none",
    play: async (stage, form) => {
      for (let round = 0; round < many(form, 3, 1); round++) {
        const replica = await stage.container("wordpress");
        await stage.stop(replica);
        await stage.start(replica);
        await stage.agreement();
      }
    },
  },
  {
    name: "kill",
    title: (form) => `a replica killed, and started 3 s later, ${many(form, 3, 1)} times`,
    allows: "in-flight",
    play: async (stage, form) => {
      for (let round = 0; round < many(form, 3, 1); round++) {
        const replica = await stage.container("wordpress");
        await stage.kill(replica);
        await pause(3_000);
        await stage.start(replica);
        await stage.agreement();
      }
    },
  },
  {
    name: "pause",
    title: () => "a replica paused for 20 s",
    allows: "none",
    longOnly: true,
    play: async (stage) => stage.pauseFor(await stage.container("wordpress"), 20_000),
  },
  {
    name: "hang",
    title: () => "a replica's PHP hanging for 30 s",
    allows: "none",
    longOnly: true,
    play: async (stage) => stage.hangFor(await stage.container("wordpress"), 30_000),
  },
  {
    name: "reload",
    title: (form) => `nginx reloaded ${many(form, 100, 20)} times`,
    allows: "none",
    play: (stage, form) => stage.reload(many(form, 100, 20), 300),
  },
  {
    name: "daemon",
    title: () => "Docker's daemon restarted, and every container with it",
    allows: "any",
    recoveryLimitMs: 180_000,
    play: (stage) => stage.restartDaemon(),
  },
];
