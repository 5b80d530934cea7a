import * as crypto from "crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "fs";
import * as path from "path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ImageRole } from "../contract/roles";
import { refusal } from "../settings/refusal";

/** The image of one role. */
export interface RoleImage {
  /** The reference, known before anything is built: `wordpress-autoscaling/<role>:<hash>`. */
  reference: string;
  /** The same, known once the image exists. */
  name: pulumi.Output<string>;
  /** Whether it is built from images/<role>, on any base; false when the configured image runs unchanged. */
  ours: boolean;
}

/** Role to configured image reference; `Images` describes how each is used. */
export type ImageOverrides = Partial<Record<ImageRole, string>>;

interface BuildSources {
  /** Files and folders besides images/<role> and images/shared that go into the image. */
  sources?: string[];
  /** Build arguments that override the Dockerfile's base images: argument to image reference. They are part of the tag's hash. */
  images?: Record<string, string | undefined>;
  /** The image of this program that it is built on. */
  on?: docker.RemoteImage;
}

/**
 * Every role's image, built in parallel before the first container, with a hash of its inputs as the tag. An image configured for
 * wordpress, nginx, consul or consul-template becomes the base of ours; one for mysql or registrator runs unchanged.
 */
export class Images extends pulumi.ComponentResource {
  public readonly consul: RoleImage;
  public readonly consulTemplate: RoleImage;
  public readonly registrator: RoleImage;
  public readonly mysql: RoleImage;
  /** Of the replicas, the installer and the cron runner. */
  public readonly wordpress: RoleImage;
  public readonly nginx: RoleImage;

  constructor(name: string, overrides: ImageOverrides, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Images", name, {}, options);
    const image = (
      role: string,
      reference: string,
      inputs: Partial<docker.RemoteImageArgs> = {},
      dependsOn?: docker.RemoteImage,
    ): RoleImage & { resource: docker.RemoteImage } => {
      const resource = new docker.RemoteImage(
        `${name}-${role}`,
        // Other stacks of this host may use it, and a rollback needs it.
        { name: reference, keepLocally: true, ...inputs },
        { parent: this, dependsOn },
      );
      return { reference, name: resource.name, ours: inputs.build !== undefined, resource };
    };
    const build = (role: string, from: BuildSources = {}): ReturnType<typeof image> => {
      const folder = `images/${role}`;
      const buildArgs = Object.fromEntries(
        Object.entries(from.images ?? {}).flatMap(([argument, value]) =>
          value === undefined ? [] : [[argument, value]],
        ),
      );
      const hash = hashFiles([folder, "images/shared", ...(from.sources ?? [])], JSON.stringify(buildArgs));
      const dockerfile = `${folder}/Dockerfile`;
      return image(
        role,
        `wordpress-autoscaling/${role}:${hash}`,
        { build: { context: ".", dockerfile, ...(Object.keys(buildArgs).length > 0 && { buildArgs }) } },
        from.on,
      );
    };
    this.wordpress = build("wordpress", { sources: ["site"], images: { BASE: overrides.wordpress } });
    const nginx = build("nginx", { images: { BASE: overrides.nginx } });
    this.nginx = nginx;
    this.consulTemplate = build("consul-template", {
      images: { CONSUL_TEMPLATE_IMAGE: overrides["consul-template"], NGINX_IMAGE: nginx.reference },
      on: nginx.resource,
    });
    this.mysql = overrides.mysql === undefined ? build("mysql") : image("mysql", overrides.mysql);
    this.registrator =
      overrides.registrator === undefined ? build("registrator") : image("registrator", overrides.registrator);
    this.consul = build("consul", { images: { CONSUL_IMAGE: overrides.consul } });
    this.registerOutputs({});
  }
}

/**
 * 12 hex digits over the paths and contents of all files below `roots` (relative to the program), and `extra`. A link counts by its
 * target path, which is what goes into the image; a file that vanishes meanwhile counts as missing.
 */
export function hashFiles(roots: string[], extra = "", program = path.resolve(__dirname, "..")): string {
  const hash = crypto.createHash("sha256").update(extra);
  const add = (file: string): void => {
    const full = path.join(program, file);
    const stat = unlessGone(full, () => lstatSync(full));
    if (stat?.isDirectory()) {
      for (const entry of (unlessGone(full, () => readdirSync(full)) ?? []).sort()) add(path.posix.join(file, entry));
    } else if (stat?.isSymbolicLink()) {
      const target = unlessGone(full, () => readlinkSync(full));
      if (target !== undefined) hash.update(`${file}\0link\0${target}\0`);
    } else if (stat?.isFile()) {
      const content = unlessGone(full, () => readFileSync(full));
      if (content !== undefined) hash.update(`${file}\0${content.length}\0`).update(content);
    }
  };
  for (const root of roots) add(root);
  return hash.digest("hex").slice(0, 12);
}

/** undefined when the path does not exist (any more). */
function unlessGone<T>(file: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return undefined;
    throw refusal(`${file} goes into an image and cannot be read (${message}): make it readable. Nothing was changed.`);
  }
}
