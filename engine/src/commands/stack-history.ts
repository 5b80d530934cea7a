import { z } from "zod";

import { ansiPaint, plainPaint } from "../display/colour";
import { EXIT, Failure } from "../failure";
import type { StoredUpdate } from "../state/file-backend";
import { decryptValue, isSecure, isStructured, readConfigValue, type Decrypt } from "../workspace/config-value";
import { goJson } from "../workspace/go-text";
import { openStack, type CommandContext } from "./context";
import { formatJson, timeAgo } from "./table";

/** backend.UpdateInfo, as either engine writes it. */
const updateSchema = z.object({
  kind: z.string(),
  startTime: z.number(),
  message: z.string().default(""),
  environment: z.record(z.string()).nullish(),
  config: z.record(z.unknown()).nullish(),
  version: z.number().default(0),
  result: z.string(),
  endTime: z.number().default(0),
  resourceChanges: z.record(z.number()).nullish(),
});
type Update = z.output<typeof updateSchema>;

const PAGE_SIZE = 10;

/** `stack history`: what was done to a stack, by whichever engine, the latest first. */
export async function history(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const { workspace, stack } = await openStack(context);
  const [page, size] = [flags.number("page") ?? 1, flags.number("page-size") ?? PAGE_SIZE];
  const format = flags.text("output") ?? "default";
  if (format !== "default" && format !== "json")
    throw new Failure(`--output is ${JSON.stringify(format)}: it can be default or json`, EXIT.usage);
  const first = size > 0 ? (Math.max(1, page) - 1) * size : 0;
  const stored = await workspace.backend.history(stack.name, first, size > 0 ? size : Number.MAX_SAFE_INTEGER);
  const updates = stored.map(readUpdate);
  if (flags.is("json") || format === "json") {
    const crypter = flags.is("show-secrets") ? await stack.store.crypter() : undefined;
    const decrypt = crypter && ((text: string): string => crypter.decrypt(text));
    // The CLI ends its JSON without a newline; a terminal likes one.
    terminal.out(formatJson(updates.map((update) => asJson(update, decrypt))));
    return EXIT.ok;
  }
  if (updates.length === 0)
    terminal.out(page > 1 ? `No stack updates found on page '${page}'\n` : "Stack has never been updated\n");
  const paint = terminal.screen.colour ? ansiPaint : plainPaint;
  for (const update of updates) {
    const look = update.result === "succeeded" ? "create" : "delete";
    terminal.out(asText(update, flags.is("full-dates"), paint(look, `Status: ${update.result}`)));
  }
  return EXIT.ok;
}

function readUpdate({ file, content }: StoredUpdate): Update {
  const checked = updateSchema.safeParse(content);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new Failure(`${file} is no update of a stack: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown"}`);
}

function asJson(update: Update, decrypt: Decrypt | undefined): Record<string, unknown> {
  const { version, kind, startTime, message, result, endTime } = update;
  return {
    version,
    kind,
    startTime: stamp(startTime),
    message,
    environment: sorted(update.environment ?? {}),
    config: sorted(update.config ?? {}, (value) => configJson(value, decrypt)),
    result,
    ...(result === "in-progress"
      ? {}
      : { endTime: stamp(endTime), resourceChanges: sorted(update.resourceChanges ?? {}) }),
  };
}

function configJson(stored: unknown, decrypt: Decrypt | undefined): Record<string, unknown> {
  const value = readConfigValue(stored);
  const secret = isSecure(value);
  if (secret && !decrypt) return { secret };
  try {
    const plain = decryptValue(value, decrypt ?? ((text) => text));
    const text = typeof plain === "string" ? plain : goJson(plain);
    return { value: text, ...(isStructured(value) ? { objectValue: plain } : {}), secret };
  } catch {
    // Encrypted with a passphrase of the past: what else there is to see is seen.
    return { value: "ERROR_UNABLE_TO_DECRYPT", secret };
  }
}

function asText(update: Update, fullDates: boolean, status: string): string {
  const { version, kind, message, startTime, endTime, environment, resourceChanges } = update;
  const count = (op: string): number => resourceChanges?.[op] ?? 0;
  const began = new Date(startTime * 1000);
  const when = fullDates ? fullDate(began) : timeAgo(began);
  const changes = `+${count("create")}-${count("delete")}~${count("update")} ${count("same")}`;
  return [
    `Version: ${version}`,
    `UpdateKind: ${kind}`,
    status,
    `Message: ${message}`,
    `${changes} Updated ${when} took ${duration(endTime - startTime)}`,
    ...Object.entries(sorted(environment ?? {}))
      .filter(([, value]) => typeof value === "string" && value.trim() !== "")
      .map(([key, value]) => `    ${key}: ${String(value)}`),
    "\n",
  ].join("\n");
}

const stamp = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** `2026-01-31 09:05:00 +0100 CET`, as Go prints a time. */
function fullDate(time: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const offset = -time.getTimezoneOffset();
  const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(time);
  const name = zone.find(({ type }) => type === "timeZoneName")?.value ?? "";
  const east = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${day} ${clock} ${east} ${name}`;
}

/** `1h2m3s`, as Go prints a duration. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = first < 0 ? parts.slice(2) : parts.slice(first);
  return shown.map(([amount, unit]) => `${amount}${unit}`).join("");
}

function sorted<T>(object: Record<string, T>, map: (value: T) => unknown = (value) => value): Record<string, unknown> {
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value)]));
}
