/** The table of closed paths at a real nginx and a real replica: each row in every spelling, and its honest neighbours. */
import { type Page, Site } from "../../lab/driver/site";
import { execIn, type TestStack } from "../../lab/driver/stack";
import { CLOSED_PATHS } from "../../templates/closed-paths";
import { lookalikes, sameFile, type Spelling } from "./path-tricks";

/** Of the rows that are folders: files of WordPress itself, and those that are put there. */
const SAMPLES: Record<string, string[]> = {
  "/": ["/.htaccess", "/.env", "/.git/config", "/wp-content/plugins/akismet/.htaccess", "/wp-content/uploads/.hidden"],
  "/wp-admin/includes/": ["/wp-admin/includes/file.php"],
  "/wp-admin/maint/": ["/wp-admin/maint/repair.php"],
  "/wp-includes/": ["/wp-includes/version.php", "/wp-includes/js/tinymce/wp-tinymce.php"],
  "/wp-content/mu-plugins/": ["/wp-content/mu-plugins/loopback.php"],
  "/wp-content/languages/": ["/wp-content/languages/admin-de.php"],
  "/wp-content/uploads/": ["/wp-content/uploads/evil.php", "/wp-content/uploads/2026/11/evil.phtml"],
};
const METHODS = ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"];

/** PHP that gives itself away when it is run. */
const EVIL = "<?php echo 'it ', 'ran';";
const isRun = (page: Page): boolean => page.body.includes("it ran");
/** No file was served and no program run but index.php, which knows no such page. */
const isRefused = ({ status, headers }: Page): boolean =>
  [400, 403, 404, 405].includes(status) || (status === 301 && headers["x-redirect-by"] === "WordPress");

/** Declares the tests. */
export function closedPathTests(stackOf: () => TestStack): void {
  let nginx: Site;
  let replica: Site;
  let samples: string[];

  beforeAll(async () => {
    const stack = stackOf();
    const container = await stack.container("wordpress");
    const address = container.NetworkSettings.Networks[`${stack.name}-frontend`]?.IPAddress;
    nginx = stack.site;
    // As a neighbour on its network would ask it.
    replica = new Site(80, address);
    const write = Object.values(SAMPLES)
      .flat()
      .concat("/wp-content/uploads/photo.php.png")
      .filter((path) => path.startsWith("/wp-content/uploads/"))
      .map((path) => `mkdir -p "$(dirname ".${path}")"; printf %s "$0" >".${path}"`);
    // Left there until the stack is purged: no test of this suite minds.
    const { code, output } = await execIn(container.Id, [
      "bash",
      "-ec",
      `cd /var/www/wordpress; ${write.join("; ")}`,
      EVIL,
    ]);
    if (code !== 0) throw new Error(`cannot put files into the uploads: ${output}`);
    samples = CLOSED_PATHS.flatMap(({ path, closes }) => SAMPLES[path] ?? (closes === "file" ? [path] : []));
  });

  /** Asks for all of them, a few at a time; a line for each answer that is not as it should be. */
  async function answers(
    site: Site,
    asked: (Spelling & { method?: string })[],
    isRight: (page: Page) => boolean,
  ): Promise<string[]> {
    const wrong: string[] = [];
    const rest = [...asked];
    const visitor = async (): Promise<void> => {
      for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
        const { trick, target, method } = one;
        const headers = { Host: `127.0.0.1:${nginx.port}` };
        const page = await site.request(target, { method, headers });
        if (!isRight(page))
          wrong.push(`${method ?? "GET"} ${target} (${trick}): ${page.status} ${page.body.slice(0, 60)}`);
      }
    };
    await Promise.all([visitor(), visitor(), visitor(), visitor()]);
    return wrong;
  }

  test("each row of the table has a sample that is tried", () => {
    expect(CLOSED_PATHS.filter(({ path, closes }) => closes !== "file" && SAMPLES[path] === undefined)).toEqual([]);
  });

  test("nginx itself refuses a closed path, however it is written and with whatever method", async () => {
    const byNginx = ({ status, headers }: Page): boolean => status === 404 && headers["x-served-by"] === undefined;
    expect(await answers(nginx, samples.flatMap(sameFile), byNginx)).toEqual([]);
    const byMethod = samples.flatMap((target) =>
      METHODS.flatMap((method) => [
        { trick: "method", target, method },
        { trick: "method with PATH_INFO", target: `${target}/x`, method },
      ]),
    );
    expect(await answers(nginx, byMethod, byNginx)).toEqual([]);
  });

  test("what looks like a closed path runs nothing, either", async () => {
    expect(await answers(nginx, samples.flatMap(lookalikes), isRefused)).toEqual([]);
  });

  test("a replica refuses the same by itself, and runs no PHP but WordPress's pages", async () => {
    const more = [
      "/wp-admin/network/../install.php",
      "/wp-content/index.php/../mu-plugins/loopback.php",
      "/wp-includes/ID3/getid3.php",
      "/wp-login.php/x",
      "/wp-admin/index.php/x",
    ].map((target) => ({ trick: "more of its kind", target }));
    const asked = [...more, ...samples.flatMap((path) => [...sameFile(path), ...lookalikes(path)])];
    expect(await answers(replica, asked, (page) => isRefused(page) && !isRun(page))).toEqual([]);
  });

  test("an upload is never run, whatever its name, and an image is an image", async () => {
    const page = await nginx.get("/wp-content/uploads/photo.php.png");
    expect({ status: page.status, type: page.headers["content-type"], body: page.body }).toEqual({
      status: 200,
      type: "image/png",
      body: EVIL,
    });
  });

  test("honest neighbours of closed paths stay open", async () => {
    const { adminUser, adminPassword } = await stackOf().outputs();
    const administrator = await nginx.logIn(adminUser, adminPassword);
    const { link } = await administrator.publish("wp-config.php", "a post that is named like a closed file");
    const post = new URL(link).pathname;
    expect(post).toMatch(/wp-config/);
    const open: Record<string, number> = {
      "/": 200,
      "/index.php": 301,
      [post]: 200,
      "/wp-login.php": 200,
      "/wp-login.php?action=lostpassword": 200,
      "/wp-admin/": 302,
      "/wp-admin/index.php": 302,
      "/wp-admin/network/": 302,
      "/wp-admin/upload.php": 302,
      "/wp-admin/update-core.php": 302,
      "/wp-admin/admin-ajax.php": 400,
      "/wp-admin/admin-post.php": 200,
      "/wp-admin/load-styles.php?c=1&load=login": 200,
      "/wp-json/": 200,
      "/wp-json/wp/v2/posts": 200,
      "/index.php/wp-json/": 200,
      "/xmlrpc.php": 405,
      "/wp-comments-post.php": 405,
      "/feed/": 200,
      "/?p=1": 301,
      "/wp-includes/js/jquery/jquery.min.js": 200,
      "/wp-includes/images/blank.gif": 200,
      "/wp-admin/css/install.css": 200,
      "/wp-admin/css/install.min.css": 200,
      "/readme.html-post-slug/": 404,
      "/wp-config.php-explained/": 404,
      "/about/wp-cron.php/": 404,
      "/wp-content/uploads/none.png": 404,
      "/.well-known/acme-challenge/x": 404,
      "/a-permalink-that-ends-in.php": 404,
    };
    const found = await Promise.all(
      Object.keys(open).map(async (path) => {
        const { status, headers } = await nginx.get(path);
        return [path, headers["x-served-by"] === undefined ? `${status} by nginx` : status];
      }),
    );
    expect(Object.fromEntries(found)).toEqual(open);
    // A permalink behind index.php is the page itself, or sends there.
    expect((await nginx.get(`/index.php${post}`)).status).toBeLessThan(400);
    // What the replica answers for a page that does not exist is WordPress's page, not Apache's.
    expect((await nginx.get("/a-permalink-that-ends-in.php")).body).toContain("error404");
  });
}
