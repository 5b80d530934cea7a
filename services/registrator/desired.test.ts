import { container, FRONTEND, ROLES } from "../test/fakes";
import { isReady, desiredServices } from "./desired";

const desired = (changes: Parameters<typeof container>[0] = {}) => desiredServices("dev", container(changes), ROLES);
const labelled = (labels: Record<string, string>) => ({ labels: { ...container().labels, ...labels } });

describe("a container's desired services", () => {
  test("the frontend address is registered, Consul probes the backend one", () => {
    expect(
      desired(labelled({ SERVICE_80_CHECK_HTTP: "/health", SERVICE_TAGS: "a,b", SERVICE_REVISION: "r1" })),
    ).toEqual({
      problems: [],
      registrations: [
        {
          id: "dev:dev-wordpress-1:80",
          name: "wordpress",
          tags: ["a", "b"],
          address: "10.0.1.5",
          port: 80,
          check: { kind: "http", target: "http://10.0.2.5:80/health", interval: "10s", timeout: "2s" },
          meta: {
            revision: "r1",
            stack: "dev",
            "managed-by": "registrator",
            "container-name": "dev-wordpress-1",
            "container-id": "a".repeat(64),
            "check-digest": expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          },
        },
      ],
    });
  });

  test("without a name there is no service and no problem", () => {
    expect(desired({ labels: { SERVICE_TAGS: "x" }, networks: [] })).toEqual({ registrations: [], problems: [] });
  });

  test("several networks and no label: not registered, and the problem names the networks", () => {
    const { registrations, problems } = desired({ labels: { SERVICE_NAME: "wordpress" } });
    expect(registrations).toEqual([]);
    expect(problems[0]).toMatch(/label wordpress-autoscaling.network is missing.*dev-backend, dev-frontend/);
  });

  test("one network needs no label", () => {
    const networks = [{ networkId: FRONTEND, networkName: "dev-frontend", address: "10.0.1.9" }];
    expect(desired({ labels: { SERVICE_NAME: "mysql" }, networks }).registrations[0]?.address).toBe("10.0.1.9");
  });

  test("a role that the container is not attached to", () => {
    expect(desired(labelled({ "wordpress-autoscaling.network": "control" })).problems[0]).toMatch(
      /=control: the container must have an address on exactly one network/,
    );
  });

  test("with several ports the name gets the port appended, unless the port has a name of its own", () => {
    const exposedPorts = [80, 443].map((port) => ({ port, protocol: "tcp" as const }));
    const { registrations } = desired({ exposedPorts, ...labelled({ SERVICE_443_NAME: "secure" }) });
    expect(registrations.map(({ name, id }) => [name, id])).toEqual([
      ["wordpress-80", "dev:dev-wordpress-1:80"],
      ["secure", "dev:dev-wordpress-1:443"],
    ]);
  });

  test("a port or a whole container can be ignored", () => {
    expect(desired(labelled({ SERVICE_80_IGNORE: "true" })).registrations).toEqual([]);
    expect(desired(labelled({ SERVICE_IGNORE: "true" })).registrations).toEqual([]);
  });

  test("an explicit ID, and UDP", () => {
    expect(desired(labelled({ SERVICE_ID: "mine" })).registrations[0]?.id).toBe("mine");
    const udp = desired({ exposedPorts: [{ port: 53, protocol: "udp" }] }).registrations[0];
    expect([udp?.id, udp?.tags]).toEqual(["dev:dev-wordpress-1:53:udp", ["udp"]]);
  });

  test("a changed check changes the registration's digest", () => {
    const digest = (path: string) =>
      desired(labelled({ SERVICE_CHECK_HTTP: path })).registrations[0]?.meta["check-digest"];
    expect(digest("/a")).not.toBe(digest("/b"));
  });

  test("an image that exposes no port is reported", () => {
    expect(desired({ exposedPorts: [] }).problems[0]).toMatch(/exposes no port/);
  });
});

test.each([
  [{}, true],
  [{ health: "none" as const }, true],
  [{ health: "starting" as const }, false],
  [{ health: "unhealthy" as const }, false],
  [{ running: false }, false],
  [{ paused: true }, false],
  [{ restarting: true }, false],
])("ready with %j: %s", (changes, expected) => {
  expect(isReady(container(changes))).toBe(expected);
});
