/** Where providers come from: this process, a program's own code (dynamic), or a binary on PATH. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Provider, ProviderLog } from "../provider";
import { BuiltinProvider } from "./builtin-provider";
import { GrpcProvider } from "./grpc-provider";
import { programEnvironment } from "./program-runner";
import { entryPoint, resolveFromProgram } from "./ready-process";
import type { Run } from "./run";
import { dynamicProviderArguments } from "./node-arguments";
import { DYNAMIC_PACKAGE } from "./urn";

/** Makes providers for a run. `engineAddress`: where a provider process may log to. */
export class ProviderSource {
  private readonly log: ProviderLog;

  constructor(
    private readonly run: Run,
    private readonly engineAddress: string,
  ) {
    this.log = (severity, message, urn) =>
      run.diagnose(severity, urn, message, severity === "info" || severity === "debug");
  }

  /** @throws Error when there is none for the package. */
  async make(packageName: string): Promise<Provider> {
    const { options, registered } = this.run;
    if (packageName === "pulumi") return new BuiltinProvider({ options, findResource: (urn) => registered.get(urn) });
    if (packageName === DYNAMIC_PACKAGE) return this.dynamic();
    const binary = this.binary(packageName);
    if (binary !== undefined) return this.process(packageName, binary, [this.engineAddress]);
    const factory = options.providers[packageName];
    if (factory) return factory({ log: this.log, programFolder: options.programFolder });
    const known = [...Object.keys(options.providers), "dynamic resources"].join(", ");
    throw new Error(
      `the embedded engine has no provider for package '${packageName}' (it has: ${known}): use the Pulumi CLI, or put ` +
        `pulumi-resource-${packageName} on PATH and set PULUMI_PROVIDERS=path`,
    );
  }

  /** The real provider, where PULUMI_PROVIDERS asks for it and it is installed. @throws Error for any other value */
  private binary(packageName: string): string | undefined {
    const asked = process.env.PULUMI_PROVIDERS ?? "";
    if (asked === "") return undefined;
    if (asked !== "path") {
      throw new Error(
        `PULUMI_PROVIDERS is '${asked}': it may be 'path' (provider binaries on PATH), or unset (the engine's own providers)`,
      );
    }
    const name = `pulumi-resource-${packageName}`;
    const found = findOnPath(name);
    if (found === undefined && this.run.options.providers[packageName]) {
      this.run.diagnose(
        "warning",
        "",
        `PULUMI_PROVIDERS=path, but ${name} is not on PATH: the engine's own provider is used`,
      );
    }
    return found;
  }

  private dynamic(): Provider {
    const { programFolder } = this.run.options;
    const script = resolveFromProgram(programFolder, "@pulumi/pulumi/cmd/dynamic-provider");
    return this.process(DYNAMIC_PACKAGE, process.execPath, [...dynamicProviderArguments(), script, this.engineAddress]);
  }

  private process(packageName: string, file: string, args: readonly string[]): Provider {
    const { options } = this.run;
    return new GrpcProvider(packageName, {
      label: `the provider for package '${packageName}'`,
      file,
      args,
      // A dynamic provider's `require` looks for modules from where it runs.
      folder: entryPoint(options.programFolder, options.main).folder,
      environment: programEnvironment(options),
      onOutput: (stream, line) => this.run.programOutput(stream, line),
    });
  }
}

function findOnPath(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
