import { asksForService, parseCheck, parseTags, portMetadata } from "./service-labels";

const values = (env: string[], labels: Record<string, string>, port = 80) =>
  Object.fromEntries(portMetadata(env, labels, port).values);

describe("SERVICE_* metadata", () => {
  test("a label wins over the environment", () => {
    expect(values(["SERVICE_NAME=env"], { SERVICE_NAME: "label" })).toEqual({ name: "label" });
  });

  test("a key with the port takes precedence over one without, label or not", () => {
    expect(values(["SERVICE_80_NAME=port"], { SERVICE_NAME: "any" })).toEqual({ name: "port" });
  });

  test("keys of another port are ignored", () => {
    expect(values([], { SERVICE_443_NAME: "https", SERVICE_REGION: "eu" })).toEqual({ region: "eu" });
  });

  test("a value keeps its equal signs", () => {
    expect(values(["SERVICE_80_CHECK_HTTP=/?a=b"], {})).toEqual({ check_http: "/?a=b" });
  });

  test("other variables and labels are not metadata", () => {
    expect(values(["MYSQL_SERVICE_NAME=x", "PATH=/bin"], { "com.example.SERVICE_NAME": "y" })).toEqual({});
  });

  test.each([
    [["SERVICE_NAME=x"], {}, true],
    [[], { SERVICE_80_NAME: "x" }, true],
    [[], { SERVICE_TAGS: "x" }, false],
    [["SERVICE_80_CHECK_HTTP=/"], {}, false],
  ])("%j %j asks for a service: %s", (env, labels, expected) => {
    expect(asksForService(env, labels)).toBe(expected);
  });
});

test.each([
  ["a,b", ["a", "b"]],
  [" a , ,b,", ["a", "b"]],
  ["a\\,b,c", ["a,b", "c"]],
  ["", []],
])("tags %j", (text, tags) => {
  expect(parseTags(text)).toEqual(tags);
});

describe("checks", () => {
  const check = (given: Record<string, string>, address = "10.0.0.1") =>
    parseCheck(new Map(Object.entries(given)), address, 80);

  test("HTTP with the intervals given", () => {
    expect(check({ check_http: "/health", check_interval: "3s", check_timeout: "500ms" })).toEqual({
      check: { kind: "http", target: "http://10.0.0.1:80/health", interval: "3s", timeout: "500ms" },
      problems: [],
    });
  });

  test("TCP, with default intervals", () => {
    expect(check({ check_tcp: "true" }).check).toEqual({
      kind: "tcp",
      target: "10.0.0.1:80",
      interval: "10s",
      timeout: "2s",
    });
  });

  test("HTTPS, another method, unverified, on IPv6", () => {
    const given = { check_https: "x", check_http_method: "head", check_tls_skip_verify: "true" };
    expect(check(given, "fd00::1").check).toMatchObject({
      target: "https://[fd00::1]:80/x",
      method: "HEAD",
      tlsSkipVerify: true,
    });
  });

  test("no check without a label, or when switched off", () => {
    expect(check({}).check).toBeUndefined();
    expect(check({ check_tcp: "false" }).check).toBeUndefined();
  });

  test("invalid values are reported by name and value; the rest applies", () => {
    const { check: made, problems } = check({ check_http: "/", check_interval: "soon", check_script: "x" });
    expect(made?.interval).toBe("10s");
    expect(problems.join("\n")).toMatch(/SERVICE_CHECK_SCRIPT is not supported/);
    expect(problems.join("\n")).toMatch(/SERVICE_CHECK_INTERVAL=soon is not a duration such as 10s/);
  });
});
