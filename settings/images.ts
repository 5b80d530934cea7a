import { IMAGE_ROLES, type ImageRole } from "../contract/roles";
import type { ConfigReader } from "./reader";

export const IMAGES_KEYS = ["images"] as const;

/** Role to image reference; a role that is absent is built from images/<role>. */
export type ImageSettings = Partial<Record<ImageRole, string>>;

/** Reads the map `images` and checks its syntax; image-overrides.ts checks whether an image can have its role. */
export function readImages(config: ConfigReader): ImageSettings {
  const text = config.value("images");
  if (text === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    config.problem("images", text, "a map from role to image, such as {mysql: registry.example/mysql:8.4}");
    return {};
  }
  const images: ImageSettings = {};
  for (const [role, image] of Object.entries(parsed)) {
    if (!(IMAGE_ROLES as readonly string[]).includes(role)) {
      config.problem(`images.${role}`, String(image), `not a role; the roles are ${IMAGE_ROLES.join(", ")}`);
    } else if (typeof image !== "string" || !/^[\w][\w./:@-]*$/.test(image)) {
      config.problem(`images.${role}`, String(image), "an image reference such as registry.example/name:tag");
    } else {
      images[role as ImageRole] = image;
    }
  }
  return images;
}
