/** Logins for image registries: docker:registryAuth, else what `docker login` stored in plain text. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import type { JsonObject } from "../../provider";
import { flag, text } from "../value";

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

const DOCKER_HUB = "https://index.docker.io/v1/";
const configFile = z.object({ auths: z.record(z.object({ auth: z.string().optional() })).optional() });

/** The registry that an image's name points to: `host[:port]`, or Docker Hub's. */
export function registryOf(imageName: string): string {
  const [first = "", ...rest] = imageName.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}

/** One name for one registry: without scheme and path; Docker Hub has many. */
function hostName(address: string): string {
  const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return /(^|\.)docker\.io$/.test(host) ? "docker.io" : host;
}

/** @returns a function from a registry's address to the login for it */
export function credentialsFor(
  configured: readonly JsonObject[],
  programFolder: string,
): (address: string) => RegistryLogin | undefined {
  return (address) => {
    const registry = hostName(address);
    const serveraddress = registry === "docker.io" ? DOCKER_HUB : registry;
    const entry = configured.find((candidate) => hostName(text(candidate, "address")) === registry);
    if (entry !== undefined) {
      if (flag(entry, "authDisabled")) return undefined;
      const username = text(entry, "username") || (process.env["DOCKER_REGISTRY_USER"] ?? "");
      const password = text(entry, "password") || (process.env["DOCKER_REGISTRY_PASS"] ?? "");
      if (username !== "") return { username, password, serveraddress };
      const content = text(entry, "configFileContent");
      if (content !== "") return fromConfig(content, registry, serveraddress);
    }
    const path = entry === undefined ? "" : text(entry, "configFile");
    return fromConfig(readConfig(path, programFolder), registry, serveraddress);
  };
}

function readConfig(path: string, programFolder: string): string {
  const folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  const expanded = path.replace(/^~(?=\/)/, homedir());
  const file =
    path === "" ? join(folder, "config.json") : isAbsolute(expanded) ? expanded : join(programFolder, expanded);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (path === "") return "{}";
    throw new Error(`docker:registryAuth: the configFile ${file} cannot be read: ${String(error)}`, { cause: error });
  }
}

/** Logins that a credential helper keeps are not looked up: such a registry is asked without a login. */
function fromConfig(content: string, registry: string, serveraddress: string): RegistryLogin | undefined {
  const auths = configFile.parse(JSON.parse(content)).auths ?? {};
  const auth = Object.entries(auths).find(([address]) => hostName(address) === registry)?.[1].auth;
  if (!auth) return undefined;
  const [username = "", ...password] = Buffer.from(auth, "base64").toString("utf8").split(":");
  return { username, password: password.join(":"), serveraddress };
}
