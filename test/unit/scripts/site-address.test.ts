/** `npm start` looks whether the site serves: at the address it is published on, by the site's own name. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { call } from "./script";

const binding = (HostIp: string, HostPort = "8080"): unknown => ({ "8080/tcp": [{ HostIp, HostPort }] });

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["192.168.7.4", "192.168.7.4"],
  ["0.0.0.0", "127.0.0.1"],
  ["", "127.0.0.1"],
  ["::", "::1"],
])("published on %j, it is asked at %s", async (published, asked) => {
  expect(await call("site-address.mjs", "firstBinding", binding(published))).toEqual({ host: asked, port: 8080 });
});

test("a container that publishes nothing has no address", async () => {
  expect(await call("site-address.mjs", "firstBinding", {})).toBeUndefined();
});

describe("with a server that knows its own name alone", () => {
  let server: http.Server;
  const at = (): unknown => ({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  beforeAll(async () => {
    server = http.createServer(({ headers, url }, response) => {
      if (headers.host !== "www.no-such-name.invalid:8080") response.statusCode = 421;
      else if (url === "/moved") response.writeHead(302, { location: "http://www.no-such-name.invalid/elsewhere" });
      else if (url === "/broken") response.statusCode = 500;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test.each([
    ["http://www.no-such-name.invalid:8080", true],
    ["http://www.no-such-name.invalid:8080/moved", true],
    ["http://www.no-such-name.invalid:8080/broken", false],
    ["http://localhost:8080", false],
  ])("%s serves: %s", async (url, expected) => {
    expect(await call("site-address.mjs", "serves", url, at())).toBe(expected);
  });

  test("a port on which nobody listens does not serve", async () => {
    expect(await call("site-address.mjs", "serves", "http://localhost", { host: "127.0.0.1", port: 1 })).toBe(false);
  });
});
