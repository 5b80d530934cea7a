/** The only reader of the stack's configuration: one validated, typed object comes out, or one error that names every bad value. */
import * as pulumi from "@pulumi/pulumi";
import { type AutoscaleSettings, MAX_REPLICAS, readAutoscale } from "./autoscale";
import { contradictions } from "./limits";
import { refusal } from "./refusal";
import { parseSubnet, overlap, type Subnet } from "./subnet";
import { suggestion } from "./suggestion";
import { IMAGE_ROLES, type ImageRole } from "../contract/roles";

/** As Pulumi.yaml declares it. */
const DEFAULT_REPLICAS = 2;

/** Addresses in a dynamic range that are not replicas: nginx, MySQL, the installer, the cron runner and their successors. */
const OTHER_CONTAINERS = 8;

export interface Settings {
  /** 1 to 100; what `autoscale` replaces. */
  wordpressReplicas: number;
  /** @default none: wordpressReplicas holds */
  autoscale?: AutoscaleSettings;
  site: {
    title: string;
    /** Never empty; the first is the site's own name. */
    serverNames: string[];
    adminUser: string;
    adminEmail: string;
    /** Adds `X-Served-By: <container name>` to each page. */
    exposeUpstream: boolean;
  };
  /** Host side: addresses and ports that are published. */
  publish: { address: string; httpPort: number; consulPort: number };
  networks: { frontend: Subnet; backend: Subnet; control: Subnet };
  limits: {
    maxRequestSeconds: number;
    keepaliveMinSeconds: number;
    drainSeconds: number;
    uploadMaxMiB: number;
    wordpressMemoryMiB: number;
    wordpressWorkers: number;
    mysqlMemoryMiB: number;
  };
  /** Keeper of every generated secret. */
  rotation: number;
  /** Role to image reference; a role that is absent is built from images/<role>. */
  images: Partial<Record<ImageRole, string>>;
}

/** The keys of the project's namespace, as Pulumi.yaml declares them, and the maps `autoscale` and `images`, which are not declared there. */
const KEYS = [
  "wordpressReplicas",
  "autoscale",
  "siteTitle",
  "serverName",
  "adminUser",
  "adminEmail",
  "bindAddress",
  "httpPort",
  "consulPort",
  "frontendSubnet",
  "backendSubnet",
  "controlSubnet",
  "exposeUpstream",
  "maxRequestSeconds",
  "keepaliveMinSeconds",
  "drainSeconds",
  "uploadMaxMiB",
  "wordpressMemoryMiB",
  "wordpressWorkers",
  "mysqlMemoryMiB",
  "rotation",
  "images",
] as const;
type Key = (typeof KEYS)[number];

/**
 * Reads and checks the configuration.
 * @param raw `namespace:key` to string, as `pulumi.runtime.allConfig()` gives it
 * @throws pulumi.RunError that lists every problem: key, value, what is allowed
 */
export function readSettings(raw: Record<string, string>, project: string): Settings {
  const problems: string[] = [];
  const value = (key: Key): string => raw[`${project}:${key}`] ?? "";
  const problem = (key: string, got: string, allowed: string): void => {
    problems.push(`${project}:${key} is ${got === "" ? "empty" : JSON.stringify(got)}: ${allowed}`);
  };

  for (const name of Object.keys(raw)) {
    const [namespace, key = ""] = name.split(/:(.*)/s);
    if (namespace === project && !(KEYS as readonly string[]).includes(key)) {
      problems.push(`${name} is not a key of this project${suggestion(key, KEYS)}: allowed are ${KEYS.join(", ")}`);
    }
  }

  const integer = (key: Key, min: number, max: number): number => {
    const text = value(key);
    const number = Number(text);
    if (!/^-?\d+$/.test(text) || number < min || number > max)
      problem(key, text, `a whole number from ${min} to ${max}`);
    return number;
  };
  const text = (key: Key, allowed: RegExp, description: string): string => {
    if (!allowed.test(value(key))) problem(key, value(key), description);
    return value(key);
  };
  const subnet = (key: Key): Subnet | undefined => {
    try {
      return parseSubnet(value(key));
    } catch (error) {
      problem(key, value(key), (error as Error).message);
      return undefined;
    }
  };

  const wordpressReplicas = integer("wordpressReplicas", 1, MAX_REPLICAS);
  const autoscale = readAutoscale(value("autoscale"), problem);
  // Pulumi hands defaults over as if they were set, so a 2 that was set passes for none (docs/decisions/0005).
  if (autoscale !== undefined && wordpressReplicas !== DEFAULT_REPLICAS) {
    problem(
      "wordpressReplicas",
      value("wordpressReplicas"),
      "nothing where autoscale is set, which chooses the number itself; remove one of the two: pulumi config rm wordpressReplicas, or pulumi config rm autoscale",
    );
  }
  const mostReplicas = autoscale?.max ?? wordpressReplicas;
  const settings = {
    wordpressReplicas,
    ...(autoscale && { autoscale }),
    site: {
      title: text("siteTitle", /^[^\p{Cc}]{1,200}$/u, "1 to 200 printable characters"),
      serverNames: text(
        "serverName",
        /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?( +[a-z0-9]([a-z0-9.-]*[a-z0-9])?)*$/i,
        "host names separated by spaces, such as `www.example.com example.com`",
      )
        .split(/ +/)
        .map((name) => name.toLowerCase()),
      adminUser: text("adminUser", /^[\w.@-]{1,60}$/, "1 to 60 letters, digits, or any of _ . @ -"),
      adminEmail: text("adminEmail", /^[^\s@]+@[^\s@]+\.[^\s@]+$/, "a mail address such as admin@example.com"),
      exposeUpstream: text("exposeUpstream", /^(true|false)$/, "true or false") === "true",
    },
    publish: {
      address: text(
        "bindAddress",
        /^(\d{1,3})(\.\d{1,3}){3}$/,
        "an IPv4 address of this host, such as 127.0.0.1 or 0.0.0.0",
      ),
      httpPort: integer("httpPort", 1, 65535),
      consulPort: integer("consulPort", 1, 65535),
    },
    limits: {
      maxRequestSeconds: integer("maxRequestSeconds", 5, 600),
      keepaliveMinSeconds: integer("keepaliveMinSeconds", 1, 60),
      drainSeconds: integer("drainSeconds", 2, 600),
      uploadMaxMiB: integer("uploadMaxMiB", 1, 1024),
      wordpressMemoryMiB: integer("wordpressMemoryMiB", 128, 65536),
      wordpressWorkers: integer("wordpressWorkers", 1, 256),
      mysqlMemoryMiB: integer("mysqlMemoryMiB", 256, 262144),
    },
    rotation: integer("rotation", 1, 1_000_000),
  };

  for (const { key, allowed } of contradictions(settings.limits)) problem(key, String(settings.limits[key]), allowed);
  if (settings.publish.httpPort === settings.publish.consulPort) {
    problem("consulPort", String(settings.publish.consulPort), "another port than httpPort's");
  }

  const networks = {
    frontend: subnet("frontendSubnet"),
    backend: subnet("backendSubnet"),
    control: subnet("controlSubnet"),
  };
  const declared = Object.entries(networks).flatMap(([role, net]) => (net ? [{ key: `${role}Subnet`, net }] : []));
  declared.forEach((one, index) => {
    for (const other of declared.slice(index + 1)) {
      if (overlap(one.net, other.net))
        problem(other.key, other.net.cidr, `a subnet that does not overlap ${one.key} (${one.net.cidr})`);
    }
    const replicas = one.key === "controlSubnet" ? 0 : 2 * mostReplicas;
    const needed = replicas + OTHER_CONTAINERS;
    if (Number.isInteger(mostReplicas) && one.net.dynamicAddresses < needed) {
      problem(
        one.key,
        one.net.cidr,
        `a subnet whose upper half holds ${needed} addresses (two sets of ${mostReplicas} replicas during an update, and ${OTHER_CONTAINERS} others); this one holds ${one.net.dynamicAddresses}`,
      );
    }
  });

  const images = readImages(value("images"), problem);

  const { frontend, backend, control } = networks;
  if (problems.length > 0 || !frontend || !backend || !control) {
    const list = problems.map((line) => `  - ${line}`).join("\n");
    throw refusal(
      `the configuration cannot be used, nothing was changed:\n${list}\nSet a value with: pulumi config set <key> <value> (or npm run -s pulumi -- config set <key> <value>)`,
    );
  }
  return { ...settings, networks: { frontend, backend, control }, images };
}

function readImages(
  text: string,
  problem: (key: string, got: string, allowed: string) => void,
): Partial<Record<ImageRole, string>> {
  if (text === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    problem("images", text, "a map from role to image, such as {mysql: registry.example/mysql:8.4}");
    return {};
  }
  const images: Partial<Record<ImageRole, string>> = {};
  for (const [role, image] of Object.entries(parsed)) {
    if (!(IMAGE_ROLES as readonly string[]).includes(role)) {
      problem(`images.${role}`, String(image), `not a role; the roles are ${IMAGE_ROLES.join(", ")}`);
    } else if (typeof image !== "string" || !/^[\w][\w./:@-]*$/.test(image)) {
      problem(`images.${role}`, String(image), "an image reference such as registry.example/name:tag");
    } else {
      images[role as ImageRole] = image;
    }
  }
  return images;
}

/** The settings of the stack that is being deployed. */
export const loadSettings = (): Settings => readSettings(pulumi.runtime.allConfig(), pulumi.getProject());
