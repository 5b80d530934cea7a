/** The tables of docs/benchmarks.md. Pure. */
import { seconds } from "../kit/measured";
import { median } from "../kit/spread";
import { FAKES, type FakesTaken, scenes, type Times } from "./measure";

export function tables(times: Times, fakes: FakesTaken, runs: number): string {
  const names = Object.keys(times);
  const cells = ({ name: scene }: (typeof scenes)[number]): string[] =>
    Object.entries(times).map(([engine, its]) => {
      const own = median(its[scene]);
      const ours = median(times.embedded?.[scene] ?? []);
      const ratio = engine === "embedded" || !times["docker compose"] ? "" : ` (${(own / ours).toFixed(2)}x)`;
      return `${seconds(own)}${ratio}`;
    });
  const peak = Math.max(...[fakes.create, fakes.destroy, ...fakes.idle].map(({ peakMiB }) => peakMiB));
  return [
    `Medians of ${runs}, by turns in one run; in brackets: times the embedded engine's.`,
    "",
    `| what | ${names.join(" | ")} |`,
    `| --- | ${names.map(() => "---").join(" | ")} |`,
    ...scenes.map((scene) => `| ${scene.name} | ${cells(scene).join(" | ")} |`),
    "",
    `| ${FAKES} random ids, embedded engine | |`,
    "| --- | --- |",
    `| create | ${seconds(fakes.create.ms)}, ${fakes.create.writtenMiB.toFixed(1)} MiB written |`,
    `| nothing to do | ${seconds(median(fakes.idle.map(({ ms }) => ms)))} |`,
    `| destroy | ${seconds(fakes.destroy.ms)} |`,
    `| largest memory of the engine's process | ${peak.toFixed(0)} MiB |`,
    `| of it, the program's and the providers' together, with nothing to do | ${fakes.allMiB.toFixed(0)} MiB |`,
  ].join("\n");
}
