import { CLOSED_PATHS, closedPattern } from "../../templates/closed-paths";
import { renderNginxConf } from "../../templates/nginx-conf";
import {
  nginxMemoryMiB,
  OLD_GENERATIONS,
  OPEN_REQUESTS,
  WORKER_CONNECTIONS,
  WORKERS,
} from "../../templates/nginx-workers";
import { render } from "../../templates/render";

test("a name that the view lacks is an error, in sections too", () => {
  expect(() => render("a {{b}}", "t", "nginx", {})).toThrow("t uses {{b}}, which it is not given");
  expect(() => render("{{#a}}{{b}}{{/a}}", "t", "nginx", { a: true })).toThrow("{{b}}");
  expect(() => render("{{^a}}x{{/a}}", "t", "nginx", {})).toThrow("{{a}}");
});

test("each target has its own escaping, and numbers are written as they are", () => {
  expect(render("{{a}} {{n}}", "t", "nginx", { a: 'x"y\\', n: 3 })).toBe('"x\\"y\\\\" 3');
  expect(() => render("{{a}}", "t", "nginx", { a: "$host" })).toThrow("nginx cannot hold");
  expect(render("{{a}}", "t", "hcl", { a: '${x} "q" /p' })).toBe('"$${x} \\"q\\" /p"');
  expect(() => render("{{a}}", "t", "ini", { a: 'x"' })).toThrow("php.ini cannot hold");
});

const site = {
  serverNames: ["a.example", "b.example"],
  exposeUpstream: false,
  maxRequestSeconds: 60,
  keepaliveMinSeconds: 10,
  uploadMaxMiB: 64,
  workerShutdownSeconds: 70,
};

test("nginx.conf answers for the site's names alone, and hides X-Served-By unless it is asked for", () => {
  const hidden = renderNginxConf(site);
  expect(hidden).toContain('server_name "a.example" "b.example";');
  expect(hidden).toContain("proxy_hide_header X-Served-By;");
  expect(hidden).toContain("keepalive_min_timeout 10s;");
  expect(renderNginxConf({ ...site, exposeUpstream: true })).not.toContain("proxy_hide_header");
});

test("each closed path is one row of nginx's map, as nginx writes a string", () => {
  const conf = renderNginxConf(site);
  const rows = conf.split("\n").filter((line) => /^ *"~.* 1;$/.test(line));
  expect(rows).toHaveLength(CLOSED_PATHS.length);
  expect(rows).toContain(String.raw`        "~*(?s)^/wp-admin/upgrade\\.php(?:/|\\z)" 1;`);
  expect(conf).toContain("if ($closed) {");
  // A dot of the path is a dot, and a folder ends in a slash.
  expect(closedPattern({ path: "/a.b", closes: "file", why: "" })).toBe(String.raw`~*(?s)^/a\.b(?:/|\z)`);
  for (const { path, closes } of CLOSED_PATHS) expect(path).toMatch(closes === "file" ? /^\/.*[^/]$/ : /^\/(.*\/)?$/);
});

test("nginx's workers, generations, requests and memory are bound together, on every machine alike", () => {
  const conf = renderNginxConf(site);
  expect(conf).toContain(`worker_processes ${WORKERS};`);
  expect(conf).toContain(`worker_connections ${WORKER_CONNECTIONS};`);
  // The reloader's bound, and a reload by hand.
  expect(OLD_GENERATIONS).toBe(9);
  // A request takes two connections, and one set of workers may have all of them.
  expect(WORKERS * WORKER_CONNECTIONS).toBeGreaterThanOrEqual(2 * OPEN_REQUESTS);
  expect(nginxMemoryMiB()).toBe(546);
  expect(nginxMemoryMiB() - 0.44 * OPEN_REQUESTS - 1.1 * WORKERS * (1 + OLD_GENERATIONS)).toBeGreaterThan(32);
});
