/**
 * The paths that are closed to visitors: a table, rendered into nginx's configuration. test/integration/security.test.ts tries every way
 * of writing each path, at nginx and at a replica's own Apache, which has an allow-list (images/wordpress/apache.conf).
 */
export interface ClosedPath {
  /** Absolute; a folder ends in a slash. */
  path: string;
  /**
   * `file`: this file, also with a path appended (PATH_INFO: `/a.php/x` runs `/a.php`).
   * `php-below`: every file below this folder that PHP might run.
   * `hidden-below`: every file and folder below this one whose name begins with a dot, except `.well-known`, which certificates need.
   */
  closes: "file" | "php-below" | "hidden-below";
  why: string;
}

export const CLOSED_PATHS: readonly ClosedPath[] = [
  { path: "/", closes: "hidden-below", why: "version control, environments, .htaccess" },
  { path: "/wp-config.php", closes: "file", why: "passwords; no page" },
  { path: "/wp-config-sample.php", closes: "file", why: "no page" },
  { path: "/wp-load.php", closes: "file", why: "loads WordPress; no page" },
  { path: "/wp-settings.php", closes: "file", why: "loads WordPress; no page" },
  { path: "/wp-blog-header.php", closes: "file", why: "the front page's inner part" },
  { path: "/wp-cron.php", closes: "file", why: "the role cron runs it, without HTTP" },
  { path: "/wp-admin/install.php", closes: "file", why: "the role installer has installed the site" },
  { path: "/wp-admin/install-helper.php", closes: "file", why: "a library; no page" },
  { path: "/wp-admin/setup-config.php", closes: "file", why: "the configuration comes with the image" },
  {
    path: "/wp-admin/upgrade.php",
    closes: "file",
    why: "changes the database, for anybody; the role installer does it",
  },
  { path: "/wp-admin/upgrade-functions.php", closes: "file", why: "a library; no page" },
  { path: "/wp-admin/includes/", closes: "php-below", why: "a library; no page" },
  { path: "/wp-admin/maint/", closes: "php-below", why: "repairs tables, for anybody, where it is enabled" },
  { path: "/wp-includes/", closes: "php-below", why: "a library; no page" },
  { path: "/wp-content/mu-plugins/", closes: "php-below", why: "WordPress loads them; no page" },
  { path: "/wp-content/languages/", closes: "php-below", why: "translations; no page" },
  { path: "/wp-content/uploads/", closes: "php-below", why: "written by users of the site" },
  { path: "/wp-content/debug.log", closes: "file", why: "errors with their data, where a plugin turns it on" },
  { path: "/readme.html", closes: "file", why: "tells the version" },
  { path: "/license.txt", closes: "file", why: "tells what runs here" },
];

/** Any file name that some PHP set-up executes. */
const PHP = String.raw`\.ph(?:p[0-9s]?|ar|t|tml?)`;
/** The end of a file's name: the path's end, or the slash before PATH_INFO. `\z`, because `$` allows a newline after it. */
const END = String.raw`(?:/|\z)`;

/**
 * A row as a key of nginx's `map`: a case-insensitive regular expression for a normalised path (decoded, slashes merged, dots resolved).
 */
export function closedPattern({ path, closes }: ClosedPath): string {
  const literal = path.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const rest = {
    file: END,
    "php-below": `.*${PHP}${END}`,
    "hidden-below": String.raw`(?:.*/)?\.(?!well-known/)`,
  }[closes];
  // (?s): `.` also matches a newline (%0a) in a folder's name.
  return `~*(?s)^${literal}${rest}`;
}
