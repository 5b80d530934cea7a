import { actualServices, registrationBody } from "./consul";
import { viewOf } from "./docker";
import { parseEvent } from "./docker-events";

const inspected = (changes: { State?: object; Config?: object } = {}) => ({
  Id: "abc",
  Name: "/dev-wordpress-1",
  Config: {
    Env: ["SERVICE_TAGS=x", "SECRET=1"],
    Labels: { a: "b" },
    ExposedPorts: { "80/tcp": {} },
    ...changes.Config,
  },
  State: { Running: true, Paused: false, Restarting: false, StartedAt: "2026-01-01T00:00:00Z", ...changes.State },
  NetworkSettings: { Networks: { front: { NetworkID: "n1", IPAddress: "10.0.0.2" } } },
});

test("a container's state; of its environment only the SERVICE_ variables", () => {
  expect(viewOf(inspected())).toEqual({
    id: "abc",
    name: "dev-wordpress-1",
    env: ["SERVICE_TAGS=x"],
    labels: { a: "b" },
    exposedPorts: [{ port: 80, protocol: "tcp" }],
    stopSignal: "SIGTERM",
    startedAt: "2026-01-01T00:00:00Z",
    running: true,
    paused: false,
    restarting: false,
    health: "none",
    networks: [{ networkId: "n1", networkName: "front", address: "10.0.0.2" }],
  });
});

test("Docker's nulls become empty values", () => {
  const view = viewOf(inspected({ Config: { Env: null, Labels: null, ExposedPorts: null }, State: { Health: null } }));
  expect([view.env, view.labels, view.exposedPorts, view.health]).toEqual([[], {}, [], "none"]);
});

test.each(["none", "starting", "healthy", "unhealthy"])("health %s", (Status) => {
  expect(viewOf(inspected({ State: { Health: { Status } } })).health).toBe(Status);
});

test("a response that is not a container is an error, not an absent container", () => {
  expect(() => viewOf({ message: "server error" })).toThrow();
});

test("events: a kill with its signal, a network event with its container", () => {
  const line = (value: object) => JSON.stringify({ timeNano: 1_700_000_000_123_000_000, ...value });
  expect(
    parseEvent(line({ Type: "container", Action: "kill", Actor: { ID: "c", Attributes: { signal: "15" } } })),
  ).toEqual({ containerId: "c", action: "kill", atMs: 1_700_000_000_123, signal: "15" });
  const network = { Type: "network", Action: "connect", Actor: { ID: "n", Attributes: { container: "c" } } };
  expect(parseEvent(line(network))?.containerId).toBe("c");
  expect(parseEvent(line({ ...network, Actor: { ID: "n", Attributes: {} } }))).toBeUndefined();
});

test("Consul's services with their check and maintenance", () => {
  const service = { ID: "s", Service: "wordpress", Tags: null, Meta: null, Address: "10.0.0.2", Port: 80 };
  const check = (CheckID: string, Status: string, Notes: string) => ({ CheckID, ServiceID: "s", Status, Notes });
  const checks = {
    a: check("service:s", "passing", ""),
    b: check("_service_maintenance:s", "critical", "by hand"),
  };
  expect(actualServices({ s: service }, checks)).toEqual([
    {
      id: "s",
      name: "wordpress",
      tags: [],
      meta: {},
      address: "10.0.0.2",
      port: 80,
      checkStatus: "passing",
      maintenance: "by hand",
    },
  ]);
});

test("a registration includes its check, with the initial status, in one request", () => {
  const registration = {
    id: "s",
    name: "wordpress",
    tags: [],
    meta: {},
    address: "10.0.0.2",
    port: 80,
    check: { kind: "http" as const, target: "http://10.0.2.2:80/", interval: "2s", timeout: "1s" },
  };
  expect(registrationBody({ kind: "register", registration, checkStatus: "passing", why: "missing" })).toMatchObject({
    id: "s",
    address: "10.0.0.2",
    check: { checkid: "service:s", http: "http://10.0.2.2:80/", interval: "2s", timeout: "1s", status: "passing" },
  });
});
