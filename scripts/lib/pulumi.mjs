// Runs one Pulumi command with the engine that fits.
import { resolve } from "node:path";
import { contextHost } from "./docker-context.mjs";
import { choose, cliVersion, embeddedVersion, engineCommand } from "./engine-choice.mjs";
import { namedStack, readArguments, stackKey, writesState } from "./pulumi-arguments.mjs";
import { EngineRecord, engineEnvironment, findProject, selectedStack, stateFolder } from "./state-folder.mjs";

/**
 * Decides on everything about one command before it runs: { engine, version, before, command, args, env, quiet, record() }.
 * `before` is the engine that changed the stack last, where it was the other one.
 * `record` notes the engine beside the state, for a command that writes a stack; call it when the command was started.
 */
export async function prepare(args, ambient = process.env) {
  const read = readArguments(args);
  const project = findProject(resolve(read.cwd ?? "."));
  const env = { ...ambient, ...engineEnvironment(ambient, project) };
  const dockerHost = await contextHost(env);
  if (dockerHost) env.DOCKER_HOST = dockerHost;
  const named = namedStack(read) ?? (env.PULUMI_STACK || undefined) ?? (project && selectedStack(project, env));
  const key = named && project?.name ? stackKey(named, project.name) : undefined;
  const book = new EngineRecord(stateFolder(env));
  // `init` begins anew: whatever an older stack of that name was written by
  const last = key && !(read.words[1] === "init") ? book.get(key) : undefined;
  const asked = env.PULUMI_ENGINE || undefined;
  const writes = writesState(read);
  // asking the CLI takes a moment: only where the answer matters
  const wanted = asked ?? last?.engine;
  const cli = wanted === "embedded" ? undefined : await cliVersion();
  const engine = choose({ asked, recorded: last?.engine, cliVersion: cli });
  const version = engine === "cli" ? cli : embeddedVersion();
  const { command, prefix } = await engineCommand(engine);
  const gone = read.words[0] === "stack" && read.words[1] === "rm";
  return {
    engine,
    version,
    before: last && last.engine !== engine ? last : undefined,
    command,
    args: [...prefix, ...args],
    env,
    quiet: read.quiet,
    record: (code) => {
      if (!key || !writes) return;
      if (!gone) book.set(key, { engine, version });
      else if (code === 0) book.set(key, undefined);
    },
  };
}
