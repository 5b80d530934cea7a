/** The real providers, where they are installed: for tests of ours against them. */
import { accessSync, constants, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { GrpcProvider } from "../../src/core/grpc-provider";
import type { JsonObject, Provider } from "../../src/provider";

/** Where it would send its log. Nobody listens: what it says is in its answers too. */
const NO_ENGINE = "127.0.0.1:1";

/** The provider's program: on PATH, or where a Pulumi CLI that is on PATH keeps the version that the installed SDK wants. */
export function realProviderBinary(packageName: "docker" | "random"): string | undefined {
  const file = `pulumi-resource-${packageName}`;
  const manifest = readFileSync(require.resolve(`@pulumi/${packageName}/package.json`), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const installed =
    onPath("pulumi") === undefined ? [] : [join(home, "plugins", `resource-${packageName}-v${version}`, file)];
  return [onPath(file), ...installed].find((path) => path !== undefined && isExecutable(path));
}

export function onPath(file: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, file))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a real provider over gRPC, as the engine does. */
export async function startRealProvider(packageName: "docker" | "random", config: JsonObject = {}): Promise<Provider> {
  const file = realProviderBinary(packageName);
  if (file === undefined) throw new Error(`pulumi-resource-${packageName} is not installed`);
  const provider = new GrpcProvider(packageName, {
    label: `the real provider ${packageName}`,
    file,
    args: [NO_ENGINE],
    folder: tmpdir(),
    environment: { ...process.env, PATH: [dirname(file), process.env["PATH"]].join(delimiter) },
    onOutput: () => undefined,
  });
  await provider.configure(config);
  return provider;
}

/** `describe` where what the tests need is there; where not, one line that says what was not run. */
export function describeWhere(there: boolean, needed: string, title: string, tests: () => void): void {
  if (!there) process.stderr.write(`not run, as there is no ${needed}: ${title}\n`);
  (there ? describe : describe.skip)(title, tests);
}
