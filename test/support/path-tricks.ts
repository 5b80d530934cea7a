/** The ways in which a path can be written, for tests of what is closed. */
export interface Spelling {
  trick: string;
  /** As it stands in the request line. */
  target: string;
}

const encoded = (text: string, of: RegExp): string =>
  text.replace(of, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, "0")}`);
const afterLastSlash = (path: string, change: (name: string) => string): string => {
  const at = path.lastIndexOf("/") + 1;
  return path.slice(0, at) + change(path.slice(at));
};

/** Each is the very file of `path`, to a server that knows the rules; PHP runs it. */
export const sameFile = (path: string): Spelling[] =>
  Object.entries({
    plain: path,
    query: `${path}?step=1`,
    "PATH_INFO x": `${path}/x`,
    "PATH_INFO x with a query": `${path}/x?step=1`,
    "PATH_INFO /": `${path}/`,
    "PATH_INFO like a page": `${path}/index.php`,
    "PATH_INFO like a style sheet": `${path}/x/y.css`,
    "PATH_INFO hidden": `${path}/.well-known/x`,
    "PATH_INFO that is taken back": `${path}/x/..`,
    "encoded slash before PATH_INFO": `${path}%2Fx`,
    "two slashes in front": `/${path}`,
    "three slashes at the name": afterLastSlash(path, (name) => `//${name}`),
    "two slashes before PATH_INFO": `${path}//x`,
    "/./ in front": `/.${path}`,
    "/./ at the name": afterLastSlash(path, (name) => `./${name}`),
    "/../": `/wp-content/..${path}`,
    "/../ of a page": `/index.php/..${path}`,
    "%2e for .": encoded(path, /\./g),
    "%2E for .": encoded(path, /\./g).replaceAll("%2e", "%2E"),
    "/%2e/": `/%2e${path}`,
    "/%2e%2e/": `/wp-content/%2e%2e${path}`,
    "encoded slash of /../": `/wp-content%2f..${path}`,
    "encoded first letter": path.replace(/[a-z]/i, (letter) => encoded(letter, /./)),
    "all encoded": encoded(path, /[^/]/g),
    fragment: `${path}#x`,
    "absolute form": `http://127.0.0.1${path}`,
    "upper case": path.toUpperCase(),
    "mixed case": path.replace(/[a-z](?=[^a-z]|$)/g, (letter) => letter.toUpperCase()),
  }).map(([trick, target]) => ({ trick, target }));

/** Each looks like `path` and is another file, which does not exist: some server somewhere took it for the same. */
export const lookalikes = (path: string): Spelling[] =>
  Object.entries({
    "path parameter": `${path};x`,
    "path parameter and PATH_INFO": `${path};x/y`,
    "path parameter of a folder": afterLastSlash(path, (name) => `;x/../${name}%3b`),
    "dot behind": `${path}.`,
    "space behind": `${path}%20`,
    "tab behind": `${path}%09`,
    "line end behind": `${path}%0a`,
    "NUL behind": `${path}%00`,
    "NUL and an ending": `${path}%00.css`,
    "backup ~": `${path}~`,
    "backup .bak": `${path}.bak`,
    "encoded twice": encoded(path, /\./g).replaceAll("%", "%25"),
    "backslash for slash": `/${path.slice(1).replaceAll("/", "\\")}\\x`,
    "encoded backslash": `${path}%5cx`,
    "overlong UTF-8": path.replaceAll(".", "%c0%ae"),
    "stream of a file": `${path}::$DATA`,
    "encoded ?": `${path}%3fstep=1`,
    "encoded #": `${path}%23x`,
    "PATH_INFO of a page": `/index.php${path}`,
    "below a page that is no page": `/wp-login.php${path}`,
  }).map(([trick, target]) => ({ trick, target }));
