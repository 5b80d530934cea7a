/**
 * npm run status [-- --stack STACK] [--json]: who is wanted, what Docker runs, what Consul's catalog says, what nginx routes, side by side.
 * Exit status 1 when they are not the same set; each difference is named.
 */
import { dockerClient } from "../../services/kit/docker-client";
import { readArguments, STACK_OPTION } from "../kit/arguments";
import { absentStack, type Main } from "../kit/context";
import { readStatus } from "./reader";
import type { StatusReport } from "./report";

const usage = "Usage: npm run status [-- --stack STACK] [--json]";

export const main: Main = async (args, { defaultStack }) => {
  const { words, values } = readArguments(args, { ...STACK_OPTION, json: { type: "boolean" } }, usage);
  if (words.length > 0) throw new Error(usage);
  const stack = values.stack ?? defaultStack;
  const report = await readStatus(stack, { docker: dockerClient() });
  if (report === undefined) throw absentStack(stack, defaultStack);
  console.log(values.json === true ? JSON.stringify({ stack, ...report }, undefined, 2) : textOf(report, stack));
  return report.agree ? 0 : 1;
};

function textOf({ wanted = 0, replicas, problems, generation, retired }: StatusReport, stack: string): string {
  const table = [
    ["replica", "wanted", "docker", "consul", "nginx"],
    ...replicas.map((one) => [one.name, one.wanted ? "yes" : "no", one.docker, one.consul, one.nginx]),
  ];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const workers = retired === true ? "no older worker is left" : "older workers are ending";
  const verdict =
    problems.length > 0
      ? problems
      : [
          `${stack}: all ${wanted} wanted replicas run, are registered and are routed; generation ${generation ?? "unknown"}, ${workers}`,
        ];
  return [...lines, "", ...verdict].join("\n");
}
