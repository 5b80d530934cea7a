/** A container's role: the value of its label ROLE_LABEL. */

/** Roles besides the replicas without which no page is served, or no change reaches nginx. */
export const CONTROL_ROLES = ["consul", "registrator", "consul-template", "mysql", "nginx"] as const;
export type ControlRole = (typeof CONTROL_ROLES)[number];

/** Roles that have an image of their own, built from images/<role> or named by the config map `images`. */
export const IMAGE_ROLES = ["consul", "consul-template", "registrator", "mysql", "wordpress", "nginx"] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** The value of a network's label ROLE_LABEL. */
export type NetworkRole = "frontend" | "backend" | "control";
