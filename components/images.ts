import * as crypto from "crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "fs";
import * as path from "path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../refusal";

/** The image of one role. */
export interface RoleImage {
  /** The reference, known before anything is built: `wordpress-autoscaling/<role>:<hash>`. */
  reference: string;
  /** The same, known once the image is there. */
  name: pulumi.Output<string>;
  /** True when it is built from images/<role>, false when the configuration names another. */
  ours: boolean;
}

/** Role to image reference, for roles whose image is not built here. */
export type ImageOverrides = Partial<
  Record<"consul" | "consul-template" | "registrator" | "mysql" | "wordpress" | "nginx", string>
>;

interface BuildSources {
  /** Where the Dockerfile lies. @default images/<role> */
  folder?: string;
  /** Files and folders besides that folder and images/shared that go into the image. */
  sources?: string[];
  /** An image of ours that this one is built on, handed to the Dockerfile as this argument: the tag changes with it. */
  base?: { argument: string; image: RoleImage; resource: docker.RemoteImage };
}

/** Every role's image, built side by side before the first container: with a tag that is a hash of all that goes in. */
export class Images extends pulumi.ComponentResource {
  public readonly consul: RoleImage;
  public readonly consulTemplate: RoleImage;
  public readonly registrator: RoleImage;
  public readonly mysql: RoleImage;
  public readonly wordpress: RoleImage;
  /** The one with the installer and the cron runner: the replicas' own, unless the configuration names another for them. */
  public readonly wordpressTools: RoleImage;
  public readonly nginx: RoleImage;

  constructor(name: string, overrides: ImageOverrides, options?: pulumi.ComponentResourceOptions) {
    super("wordpress-autoscaling:index:Images", name, {}, options);
    const build = (
      role: string,
      override?: string,
      from: BuildSources = {},
    ): RoleImage & { resource: docker.RemoteImage } => {
      const folder = from.folder ?? `images/${role}`;
      const buildArgs = from.base && { [from.base.argument]: from.base.image.reference };
      const hash = hashFiles([folder, "images/shared", ...(from.sources ?? [])], JSON.stringify(buildArgs ?? {}));
      const reference = override ?? `wordpress-autoscaling/${role}:${hash}`;
      const resource = new docker.RemoteImage(
        `${name}-${role}`,
        {
          name: reference,
          // Other stacks of this host may use it, and it is the way back.
          keepLocally: true,
          ...(override === undefined && { build: { context: ".", dockerfile: `${folder}/Dockerfile`, buildArgs } }),
        },
        { parent: this, dependsOn: from.base?.resource },
      );
      return { reference, name: resource.name, ours: override === undefined, resource };
    };
    this.wordpress = build("wordpress", overrides.wordpress, { sources: ["site"] });
    this.wordpressTools = this.wordpress.ours
      ? this.wordpress
      : build("wordpress-tools", undefined, { folder: "images/wordpress", sources: ["site"] });
    const nginx = build("nginx", overrides.nginx);
    this.nginx = nginx;
    this.consulTemplate = build("consul-template", overrides["consul-template"], {
      base: { argument: "NGINX_IMAGE", image: nginx, resource: nginx.resource },
    });
    this.mysql = build("mysql", overrides.mysql);
    this.registrator = build("registrator", overrides.registrator);
    this.consul = build("consul", overrides.consul);
    this.registerOutputs({});
  }
}

/**
 * 12 hex digits over the paths and contents of all files below `roots` (relative to the program), and `extra`. A link counts as what it
 * says, which is what goes into the image; what vanishes meanwhile was not there.
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

/** undefined when the path is not there (any more). */
function unlessGone<T>(file: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return undefined;
    throw refusal(`${file} goes into an image and cannot be read (${message}): make it readable. Nothing was changed.`);
  }
}
