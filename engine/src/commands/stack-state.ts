import { writeFile } from "node:fs/promises";
import * as path from "node:path";

import { ROOT_STACK_TYPE, type ResourceState, type Snapshot } from "../model";
import { nameOf } from "../display/step-text";
import { deploymentError, parseExport, readSnapshot, type Deployment } from "../state/checkpoint";
import { EXIT, Failure } from "../failure";
import { readIfThere } from "../state/files";
import { blindCodec, revealSecrets } from "../state/properties";
import { outputsOf } from "../state/stack-store";
import type { Stack } from "../workspace/workspace";
import { openStack, VERSION, type CommandContext } from "./context";
import { warner, withLock } from "./stack";
import { formatJson, formatTable, plainText, timeAgo } from "./table";

/** Loads the state; the passphrase is needed only when secrets are to be shown. */
async function loadFor({ flags }: CommandContext, stack: Stack): Promise<Snapshot> {
  return flags.is("show-secrets") ? stack.store.load() : stack.store.loadBlinded();
}

function shownOutputs(context: CommandContext, snapshot: Snapshot): Record<string, unknown> {
  const outputs = revealSecrets(outputsOf(snapshot) ?? {}, context.flags.is("show-secrets"));
  return outputs as Record<string, unknown>;
}

/** `stack output [name]` */
export async function output(context: CommandContext): Promise<number> {
  const { flags, args, terminal } = context;
  if (flags.is("json") && flags.is("shell")) throw new Failure("only one of --json and --shell may be set", EXIT.usage);
  const { stack } = await openStack(context);
  const outputs = shownOutputs(context, await loadFor(context, stack));
  const [name] = args;
  if (name === undefined) {
    terminal.out(
      flags.is("json") ? formatJson(outputs) : flags.is("shell") ? shellLines(outputs) : outputTable(outputs),
    );
    return EXIT.ok;
  }
  const value = outputs[name];
  if (value === undefined) throw new Failure(`current stack does not have output property '${name}'`);
  terminal.out(
    flags.is("json") ? formatJson(value) : flags.is("shell") ? shellLines({ [name]: value }) : `${plainText(value)}\n`,
  );
  return EXIT.ok;
}

function outputTable(outputs: Record<string, unknown>): string {
  const names = Object.keys(outputs).sort();
  const head = `Current stack outputs (${names.length}):\n`;
  if (names.length === 0) return `${head}    No output values currently in this stack\n`;
  return (
    head +
    formatTable(
      ["OUTPUT", "VALUE"],
      names.map((name) => [name, plainText(outputs[name])]),
      "    ",
    )
  );
}

function shellLines(outputs: Record<string, unknown>): string {
  const names = Object.keys(outputs).sort();
  return names.map((name) => `${name}='${plainText(outputs[name]).replaceAll("'", `'\\''`)}'\n`).join("");
}

/** `stack`: what there is. */
export async function summary(context: CommandContext): Promise<number> {
  const { terminal, flags } = context;
  const { workspace, stack } = await openStack(context);
  if (flags.is("show-name")) {
    terminal.out(`${stack.name.stack}\n`);
    return EXIT.ok;
  }
  const snapshot = await loadFor(context, stack);
  const manifest = (await stack.store.read())?.deployment?.manifest;
  const { resources } = snapshot;
  const lines = [`Current stack is ${stack.name.stack}:`, `    Managed by ${workspace.backend.url}`];
  if (manifest === undefined || resources.length === 0) {
    lines.push("    No updates yet; run `pulumi up`");
  } else {
    lines.push(`    Last updated: ${timeAgo(new Date(manifest.time))} (${manifest.time})`);
    if (manifest.version !== "") lines.push(`    Pulumi version used: ${manifest.version}`);
  }
  lines.push(`Current stack resources (${resources.length}):`);
  if (resources.length === 0) lines.push("    No resources currently in this stack");
  terminal.out(`${lines.join("\n")}\n`);
  if (resources.length > 0) {
    terminal.out(resourceTable(resources, flags.is("show-urns"), flags.is("show-ids")));
    terminal.out(`\n${outputTable(shownOutputs(context, snapshot))}`);
  }
  terminal.out("\nUse `pulumi stack select` to change stack; `pulumi stack ls` lists known ones\n");
  return EXIT.ok;
}

function resourceTable(resources: readonly ResourceState[], urns: boolean, ids: boolean): string {
  const root = resources.find(({ type }) => type === ROOT_STACK_TYPE);
  const rows: string[][] = [];
  const place = (resource: ResourceState, branch: string, indent: string): void => {
    const gone = resource.delete === true ? " (to be deleted)" : "";
    rows.push([branch + resource.type, nameOf(resource.urn) + gone]);
    if (urns) rows.push([`${indent}    URN: ${resource.urn}`, ""]);
    if (ids && resource.id !== undefined) rows.push([`${indent}    ID: ${resource.id}`, ""]);
    const children = resources.filter((each) => each !== root && (each.parent ?? root?.urn) === resource.urn);
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1;
      place(child, `${indent}${last ? "└─ " : "├─ "}`, `${indent}${last ? "   " : "│  "}`);
    }
  };
  if (root !== undefined) place(root, "", "");
  else for (const resource of resources) rows.push([resource.type, nameOf(resource.urn)]);
  return formatTable(["TYPE", "NAME"], rows, "    ");
}

/** `stack export` */
export async function exportState(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const { stack } = await openStack(context);
  const deployment = flags.is("show-secrets") ? await stack.store.reveal() : (await stack.store.read())?.deployment;
  const text = `${JSON.stringify({ version: 3, deployment: deployment ?? {} }, undefined, 4)}\n`;
  const file = flags.text("file");
  if (file === undefined) terminal.out(text);
  else await writeFile(path.resolve(file), text, { mode: 0o600 });
  return EXIT.ok;
}

/** `stack import` */
export async function importState(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const { workspace, stack } = await openStack(context);
  const file = flags.text("file");
  const content = file === undefined ? await terminal.readInput() : await readIfThere(path.resolve(file));
  if (content === undefined)
    throw new Failure(
      file === undefined ? "nothing was piped in; name a file with --file" : `could not open file: ${file}`,
    );
  const deployment = parseExport(content, file ?? "standard input");
  checkImport(context, stack, deployment, readSnapshot(deployment, blindCodec));
  const lock = workspace.backend.lock(stack.name);
  await withLock(lock, warner(context), async () => {
    const snapshot = await stack.store.decrypt(deployment, file ?? "standard input");
    for (const { type, resource } of snapshot.pendingOperations) {
      warner(context)(`removing pending operation '${type}' on '${resource.urn}' from snapshot`);
    }
    // What is wrong with it has been told, and answered with --force.
    await stack.store.saveAsIs({ resources: snapshot.resources, pendingOperations: [] });
    await workspace.backend.noteWriter(stack.name, VERSION, "stack import");
  });
  terminal.out("Import complete.\n");
  return EXIT.ok;
}

/** Someone else's state, or one that is not whole, is refused unless `--force`. */
function checkImport(context: CommandContext, stack: Stack, deployment: Deployment, snapshot: Snapshot): void {
  const problems = snapshot.resources.flatMap(({ urn }) => {
    const owner = urn.split(":")[2] ?? "";
    if (owner === stack.name.stack) return [];
    return [`resource '${urn}' is from a different stack (${owner} != ${stack.name.stack})`];
  });
  const wrong = deploymentError(deployment, snapshot);
  if (wrong !== undefined) problems.push(`state file contains errors: ${wrong}`);
  if (problems.length === 0) return;
  if (context.flags.is("force")) {
    problems.forEach(warner(context));
    return;
  }
  throw new Failure(
    [...problems, "importing this file could be dangerous; rerun with --force to proceed anyway"].join("\n"),
  );
}
