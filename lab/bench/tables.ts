/** The tables of docs/benchmarks.md. Pure. */
import { seconds } from "../kit/measured";
import { median } from "../kit/spread";
import type { Measured, Step } from "./measure";
import type { Memory } from "./memory";

export function tables({ times, memory }: Measured, runs: number): string {
  const row = (what: string, step: Step): string =>
    `| ${what} | ${seconds(median(times[step]))} | ${times[step].map(seconds).join(", ")} |`;
  const size = ({ all, own }: Memory): string => `${all.toFixed(0)} MiB | ${own.toFixed(0)} MiB |`;
  const control = [memory.consul, memory["consul-template"], memory.registrator];
  const sum = (kind: keyof Memory): number => control.reduce((total, one) => total + one[kind], 0);
  return [
    `${runs} runs, medians.`,
    "",
    "| what | median | runs |",
    "| --- | --- | --- |",
    row("`up`, images present, nothing deployed: until the page is served", "served"),
    row("the same, until `up` has ended", "deploy"),
    row("`up`, nothing to do", "idle"),
    row("`preview --expect-no-changes`", "preview"),
    row("`up` from 2 to 5 replicas: until all 5 are routed", "routed"),
    row("the same, until `up` has ended", "grow"),
    row("`up` from 5 to 2 replicas, drained", "shrink"),
    row("`destroy`", "destroy"),
    "",
    "| role at rest, each container | memory (PSS) | of it not backed by files |",
    "| --- | --- | --- |",
    ...Object.entries(memory).map(([role, one]) => `| ${role} | ${size(one)}`),
    `| consul + consul-template + registrator | ${size({ all: sum("all"), own: sum("own") })}`,
  ].join("\n");
}
