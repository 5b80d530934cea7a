import type { ConfigReader } from "./reader";

export const SITE_KEYS = ["siteTitle", "serverName", "adminUser", "adminEmail", "exposeUpstream"] as const;

export interface SiteSettings {
  title: string;
  /** Never empty; the first is the site's own name. */
  serverNames: string[];
  adminUser: string;
  adminEmail: string;
  /** Adds `X-Served-By: <container name>` to each page. */
  exposeUpstream: boolean;
}

export const readSite = (config: ConfigReader): SiteSettings => ({
  title: config.text("siteTitle", /^[^\p{Cc}]{1,200}$/u, "1 to 200 printable characters"),
  serverNames: config
    .text(
      "serverName",
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?( +[a-z0-9]([a-z0-9.-]*[a-z0-9])?)*$/i,
      "host names separated by spaces, such as `www.example.com example.com`",
    )
    .split(/ +/)
    .map((name) => name.toLowerCase()),
  adminUser: config.text("adminUser", /^[\w.@-]{1,60}$/, "1 to 60 letters, digits, or any of _ . @ -"),
  adminEmail: config.text("adminEmail", /^[^\s@]+@[^\s@]+\.[^\s@]+$/, "a mail address such as admin@example.com"),
  exposeUpstream: config.boolean("exposeUpstream"),
});

/** The site's address: its first name, and the port unless it is the default one. */
export const siteUrl = ({ serverNames }: SiteSettings, port: number): string =>
  `http://${serverNames[0] ?? "localhost"}${port === 80 ? "" : `:${port}`}`;
