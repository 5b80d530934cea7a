/** What a container is for: the value of its label ROLE_LABEL. */

/** Roles without which no page is served, or nothing that happens reaches nginx, besides the replicas. */
export const CONTROL_ROLES = ["consul", "registrator", "consul-template", "mysql", "nginx"] as const;
export type ControlRole = (typeof CONTROL_ROLES)[number];

/** Roles that have an image of their own, built from images/<role> or named by the config map `images`. */
export const IMAGE_ROLES = ["consul", "consul-template", "registrator", "mysql", "wordpress", "nginx"] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** The value of a network's label ROLE_LABEL. */
export type NetworkRole = "frontend" | "backend" | "control";
