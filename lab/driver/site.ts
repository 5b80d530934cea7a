/** The site as a visitor and as its administrator, over 127.0.0.1's published port. */
import * as http from "node:http";

export interface Page {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export class Site {
  constructor(
    readonly port: number,
    readonly host = "127.0.0.1",
  ) {}

  /** One request on a connection of its own; redirects are not followed. */
  request(
    path: string,
    { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Page> {
    return new Promise((resolve, reject) => {
      const request = http.request(
        { host: this.host, port: this.port, path, method, headers, agent: false, timeout: 30_000 },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.once("end", () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
          response.once("error", reject);
        },
      );
      request.once("timeout", () => request.destroy(new Error(`no answer to ${method} ${path} in 30 s`)));
      request.once("error", reject);
      request.end(body);
    });
  }

  get = (path = "/", headers: Record<string, string> = {}): Promise<Page> => this.request(path, { headers });

  /** The names of the replicas that answer `count` requests. */
  async servedBy(count = 20): Promise<string[]> {
    const pages = await Promise.all(Array.from({ length: count }, () => this.get("/wp-login.php")));
    return [...new Set(pages.map((page) => String(page.headers["x-served-by"] ?? `status ${page.status}`)))].sort();
  }

  /** Logs in; @throws when the dashboard is not reached. */
  async logIn(user: string, password: string): Promise<Administrator> {
    const form = new URLSearchParams({ log: user, pwd: password, "wp-submit": "Log In", testcookie: "1" });
    const answer = await this.request("/wp-login.php", {
      method: "POST",
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        Cookie: "wordpress_test_cookie=WP%20Cookie%20check",
      },
      body: form.toString(),
    });
    const cookie = (answer.headers["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; ");
    const administrator = new Administrator(this, cookie);
    const dashboard = await administrator.get("/wp-admin/");
    if (dashboard.status !== 200 || !dashboard.body.includes('id="wpadminbar"')) {
      throw new Error(`no dashboard: login answered ${answer.status}, /wp-admin/ ${dashboard.status}`);
    }
    return administrator;
  }
}

export class Administrator {
  constructor(
    private readonly site: Site,
    private readonly cookie: string,
  ) {}

  get = (path: string): Promise<Page> => this.site.get(path, { Cookie: this.cookie });

  /** Publishes a post through the REST API, with the nonce that the dashboard carries. */
  async publish(title: string, content: string): Promise<{ link: string }> {
    const { body } = await this.get("/wp-admin/post-new.php");
    const nonce = /createNonceMiddleware\(\s*"(\w+)"/.exec(body)?.[1];
    if (nonce === undefined) throw new Error("the editor carries no REST nonce");
    const answer = await this.site.request("/wp-json/wp/v2/posts", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-WP-Nonce": nonce, Cookie: this.cookie },
      body: JSON.stringify({ title, content, status: "publish" }),
    });
    if (answer.status !== 201) throw new Error(`publishing answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    return JSON.parse(answer.body) as { link: string };
  }
}
