/** Checks of the map `images`: an image that cannot work is refused before anything changes, as far as its name and metadata show. */
import * as pulumi from "@pulumi/pulumi";
import Docker from "dockerode";
import { z } from "zod";
import { MYSQL_PORT } from "../contract/ports";
import type { ImageRole } from "../contract/roles";
import { refusal } from "./refusal";
import type { Settings } from "./settings";

/** Docker's metadata of a local image. */
export interface LocalImage {
  entrypoint: string[];
  command: string[];
  /** Such as `80/tcp`. */
  ports: string[];
  /** NAME=value */
  environment: string[];
}

/** What is allowed for this role, when the image is not; undefined: no objection. `local` is absent when Docker does not have the image. */
type Check = (reference: Reference, local?: LocalImage) => string | undefined;

/** A reference's last name and tag: `mysql` and `8.4` of `registry.example:5000/library/mysql:8.4@sha256:…`. */
interface Reference {
  name: string;
  tag: string;
}

export function parseReference(text: string): Reference {
  const last = text.replace(/@.*$/, "").split("/").at(-1) ?? "";
  const [name = "", tag = "latest"] = last.split(":");
  return { name, tag };
}

const variants = ({ tag }: Reference): string[] => tag.split("-");
const inEntrypoint = (local: LocalImage, file: string): boolean =>
  local.entrypoint.some((word) => word === file || word.endsWith(`/${file}`));

/** Whether a version such as `1.27` or `1.27.3` is lower; a missing part counts as the newest. */
function isBelow(version: string, minimum: [number, number, number]): boolean {
  const parts = version.split(".").map(Number);
  for (const [index, least] of minimum.entries()) {
    const part = parts[index] ?? Infinity;
    if (part !== least) return part < least;
  }
  return false;
}

/** The version at the beginning of the tag, if the image is named like the program itself. */
const versionOf = ({ name, tag }: Reference, program: RegExp): string | undefined =>
  program.test(name) ? /^v?(\d+(?:\.\d+)*)(?=-|$)/.exec(tag)?.[1] : undefined;

const CHECKS: Record<ImageRole, Check> = {
  consul: (reference) => {
    const version = versionOf(reference, /^consul$/);
    return version !== undefined && isBelow(version, [1, 14, 0])
      ? "Consul 1.14 or newer, which has all ports that this configuration sets"
      : undefined;
  },
  "consul-template": () => undefined,
  registrator: (_, local) =>
    local && inEntrypoint(local, "registrator.js")
      ? undefined
      : "an image that is built on this project's own and that Docker has already; no other registrator reports to nginx and Rollout which container a service belongs to, or that it is stopping: change services/registrator or images/registrator instead",
  mysql: (_, local) => {
    if (local === undefined) return undefined;
    return inEntrypoint(local, "docker-entrypoint.sh") && local.ports.includes(`${MYSQL_PORT}/tcp`)
      ? undefined
      : `an image that is built like the official mysql or mariadb image, with docker-entrypoint.sh as its entrypoint and port ${MYSQL_PORT} exposed; to change this project's own image, edit images/mysql`;
  },
  wordpress: (reference, local) => {
    const command = [...(local?.entrypoint ?? []), ...(local?.command ?? [])].map((word) => word.replace(/.*\//, ""));
    const cannot = ["fpm", "cli"].some((variant) => variants(reference).includes(variant));
    return cannot || command.includes("php-fpm") || command.includes("wp")
      ? "an image that is built like the official wordpress image with Apache; its fpm and cli variants have no HTTP server, which nginx needs here: use the same tag without fpm or cli, or with apache"
      : undefined;
  },
  nginx: (reference, local) => {
    if (variants(reference).some((variant) => variant.startsWith("alpine")))
      return "an image that is built on Debian like the official nginx image; the control plane's own programs do not run on alpine: use the same tag without alpine";
    const declared = local?.environment.find((one) => one.startsWith("NGINX_VERSION="))?.replace(/^[^=]*=/, "");
    const version = declared ?? versionOf(reference, /^nginx(-unprivileged)?$/);
    return version !== undefined && isBelow(version, [1, 27, 4])
      ? `nginx 1.27.4 or newer, which keeps idle connections through a reload; this is ${version}`
      : undefined;
  },
};

/** One line for each image that cannot have its role: key, value, what is allowed. Pure. */
export function overrideProblems(
  images: Settings["images"],
  local: Partial<Record<ImageRole, LocalImage>>,
  project: string,
): string[] {
  return Object.entries(images).flatMap(([role, image]) => {
    const allowed = CHECKS[role as ImageRole](parseReference(image), local[role as ImageRole]);
    return allowed === undefined ? [] : [`${project}:images.${role} is ${JSON.stringify(image)}: ${allowed}`];
  });
}

/**
 * Checks local images by Docker's metadata, and others by their names; what these do not show, a build or a start will.
 * @throws pulumi.RunError that lists those that cannot work
 */
export async function checkOverrides(images: Settings["images"]): Promise<void> {
  const docker = new Docker();
  const found = await Promise.all(
    Object.entries(images).map(async ([role, image]) => [role, await inspect(docker, image)] as const),
  );
  const local = Object.fromEntries(found.flatMap(([role, one]) => (one === undefined ? [] : [[role, one]])));
  const problems = overrideProblems(images, local, pulumi.getProject());
  if (problems.length === 0) return;
  const list = problems.map((line) => `  - ${line}`).join("\n");
  throw refusal(
    `an image cannot have the role that the configuration gives it, nothing was changed:\n${list}\nSet another with: pulumi config set --path images.<role> <image>, or return to this project's own: pulumi config rm --path images.<role>`,
  );
}

/** Docker writes null for missing values. */
const words = z.array(z.string()).nullish();
const inspected = z.object({
  Config: z.object({ Entrypoint: words, Cmd: words, Env: words, ExposedPorts: z.record(z.unknown()).nullish() }),
});

async function inspect(docker: Docker, image: string): Promise<LocalImage | undefined> {
  let answer: unknown;
  try {
    answer = await docker.getImage(image).inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
  const { Entrypoint, Cmd, Env, ExposedPorts } = inspected.parse(answer).Config;
  return {
    entrypoint: Entrypoint ?? [],
    command: Cmd ?? [],
    environment: Env ?? [],
    ports: Object.keys(ExposedPorts ?? {}),
  };
}
