/** The results as people read them. Pure. */
import { byKind } from "./judge";
import { spread } from "../kit/spread";
import type { Steps } from "./observe/moments";
import type { SceneResult } from "./play";

export interface Results {
  /** "2 cores (…), 24 GiB, Linux …, Docker …, Node …" */
  machine: string;
  rate: number;
  seconds: number;
  scenes: SceneResult[];
  steps: Steps;
}

const ms = (value: number): string => (Number.isNaN(value) ? "" : String(Math.round(value)));

/** One line that says how a scene went; and one for each error that was not allowed, with nginx's view of it. */
export function sceneLines(scene: SceneResult): string[] {
  const { title, requests, verdict, latencyMs, ledger } = scene;
  const mark = verdict.faults.length === 0 ? "[ok]" : "[fail]";
  const allowed = verdict.allowed.length > 0 ? `, ${verdict.allowed.length} allowed` : "";
  const recovery = scene.recoveryMs === undefined ? "" : `, at rest after ${(scene.recoveryMs / 1000).toFixed(1)} s`;
  const errors = `${verdict.unallowed.length} errors${allowed}`;
  const latency = `p50 ${ms(latencyMs.p50)} p99 ${ms(latencyMs.p99)} max ${ms(latencyMs.max)} ms`;
  return [
    `${mark.padEnd(6)} ${scene.seconds.toFixed(0).padStart(4)}s  ${title}: ${requests} requests, ${ledger.acknowledged} POSTs, ${errors}, ${latency}${recovery}`,
    ...verdict.faults.map((fault) => `       ${fault}`),
    ...verdict.unallowed.slice(0, 12).map(({ outcome, logLine }) => {
      const { nonce, planned, problem, reused } = outcome;
      const connection = `${planned.connection}${reused ? ", reused" : ""}`;
      const at = new Date(outcome.dueMs).toISOString();
      const took = ms(outcome.endMs - outcome.dueMs);
      return `       ${at} ${planned.method} ${nonce} (${connection}, asked for ${planned.lastsMs} ms) ${problem?.kind ?? ""} ${problem?.detail ?? ""} after ${took} ms; nginx: ${logLine ?? "not in its log"}`;
    }),
  ];
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The tables of docs/campaign.md. */
export function markdown(results: Results): string {
  const { scenes, steps } = results;
  const errorsOf = ({ verdict }: SceneResult): string => {
    const allowed = byKind(verdict.allowed.map(({ outcome }) => outcome));
    return `${verdict.unallowed.length}${allowed === "" ? "" : ` (allowed: ${allowed})`}`;
  };
  const row = (scene: SceneResult): string[] => {
    const { latencyMs: latency, ledger } = scene;
    const percentiles = [latency.p50, latency.p90, latency.p99, latency.max].map(ms).join(" / ");
    const rest = scene.recoveryMs === undefined ? "not" : `${(scene.recoveryMs / 1000).toFixed(1)} s`;
    const posts = `${ledger.acknowledged}, ${ledger.lost.length}, ${ledger.doubled.length}`;
    return [scene.title, String(scene.requests), errorsOf(scene), posts, percentiles, rest];
  };
  const posts = (of: (scene: SceneResult) => number): number => sum(scenes.map(of));
  const total = [
    "**all**",
    String(posts(({ requests }) => requests)),
    String(posts(({ verdict }) => verdict.unallowed.length)),
    `${posts(({ ledger }) => ledger.acknowledged)}, ${posts(({ ledger }) => ledger.lost.length)}, ${posts(({ ledger }) => ledger.doubled.length)}`,
    "",
    "",
  ];
  const head = ["scene", "requests", "errors", "POSTs, lost, doubled", "p50 / p90 / p99 / max, ms", "at rest after"];
  return [
    `${results.machine} ${results.rate} requests a second, ${Math.round(results.seconds / 60)} minutes.`,
    "",
    table(head, [...scenes.map(row), total]),
    "",
    table(
      ["step", "samples", "median", "p95", "max"],
      stepNames.map(({ key, name }) => {
        const { count, p50, p95, max } = spread(steps[key]);
        return [name, String(count), ...[p50, p95, max].map((value) => (count === 0 ? "" : `${ms(value)} ms`))];
      }),
    ),
  ].join("\n");
}

const stepNames: { key: keyof Steps; name: string }[] = [
  { key: "healthy", name: "started → healthy" },
  { key: "registered", name: "healthy → registered in Consul" },
  { key: "rendered", name: "registered and wanted → rendered and checked" },
  { key: "serving", name: "rendered → serving" },
  { key: "routed", name: "healthy and wanted → serving" },
  { key: "retired", name: "serving → the last older worker gone" },
  { key: "unrouted", name: "stop signal → a configuration without it serving" },
];

/** Markdown as prettier writes it. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
