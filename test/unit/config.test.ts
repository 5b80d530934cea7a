import * as fc from "fast-check";
import { contradictions, replicaGraceSeconds, workerShutdownSeconds } from "../../settings/limits";
import { readSettings } from "../../settings/settings";
import { declared, PROJECT, defaults, settingsWith as read } from "../support/settings";

test("Pulumi.yaml's defaults are valid, and every key has a type, a default and a description", () => {
  expect(read().wordpressReplicas).toBe(2);
  for (const [key, declaration] of Object.entries(declared)) {
    expect({ key, ...declaration }).toEqual({
      key,
      type: expect.stringMatching(/^(string|integer|boolean)$/) as string,
      default: expect.anything() as string,
      description: expect.stringMatching(/.{10}/) as string,
    });
  }
});

test.each([
  ["wordpressReplicas", "0", "a whole number from 1 to 100"],
  ["wordpressReplicas", "-1", "a whole number from 1 to 100"],
  ["wordpressReplicas", "2.5", "a whole number from 1 to 100"],
  ["wordpressReplicas", "three", "a whole number from 1 to 100"],
  ["wordpressReplicas", "101", "a whole number from 1 to 100"],
  ["wordpressReplicas", "1e1", "a whole number from 1 to 100"],
  ["httpPort", "0", "1 to 65535"],
  ["httpPort", "65536", "1 to 65535"],
  ["consulPort", "8080", "another port than httpPort's"],
  ["frontendSubnet", "frontend", "IPv4 subnet in CIDR form"],
  ["backendSubnet", "10.201.0.0/24", "does not overlap frontendSubnet"],
  ["controlSubnet", "10.201.4.0/28", "upper half holds 8 addresses"],
  ["adminEmail", "admin.example.com", "a mail address"],
  ["adminUser", "a b", "letters, digits"],
  ["serverName", "exa$mple", "host names separated by spaces"],
  ["exposeUpstream", "yes", "true or false"],
  ["bindAddress", "localhost", "IPv4 address"],
  ["drainSeconds", "10", "keepaliveMinSeconds + 1, which is 11"],
  ["drainSeconds", "1", "a whole number from 2 to 600"],
  ["keepaliveMinSeconds", "61", "a whole number from 1 to 60"],
  ["maxRequestSeconds", "4", "a whole number from 5 to 600"],
  ["images", "nginx", "a map from role to image"],
  ["images", '{"apache":"x"}', "the roles are consul, consul-template"],
  ["images", '{"nginx":""}', "an image reference"],
])("%s = %s is refused by key, value and what is allowed", (key, value, allowed) => {
  expect(() => read({ [key]: value })).toThrow(allowed);
  expect(() => read({ [key]: value })).toThrow(`${PROJECT}:${key}`);
  expect(() => read({ [key]: value })).toThrow("nothing was changed");
});

test.each([
  [
    { keepaliveMinSeconds: "12", drainSeconds: "12" },
    "drainSeconds",
    "12",
    "at least keepaliveMinSeconds + 1, which is 13",
  ],
  [{ keepaliveMinSeconds: "12" }, "drainSeconds", "12", "which is 13"],
  [
    { maxRequestSeconds: "600", drainSeconds: "481" },
    "drainSeconds",
    "481",
    "at most 480 beside maxRequestSeconds 600",
  ],
])("limits that contradict each other are refused: %j", (values, key, value, allowed) => {
  expect(() => read(values)).toThrow(`${PROJECT}:${key} is "${value}": `);
  expect(() => read(values)).toThrow(allowed);
});

test("limits at the edge of contradicting are taken", () => {
  read({ keepaliveMinSeconds: "11", drainSeconds: "12" });
  read({ maxRequestSeconds: "600", drainSeconds: "480" });
});

test("whatever limits are taken, each stage outlasts the one before it", () => {
  const whole = (min: number, max: number) => fc.integer({ min, max });
  fc.assert(
    fc.property(whole(5, 600), whole(1, 60), whole(2, 600), (maxRequestSeconds, keepaliveMinSeconds, drainSeconds) => {
      const limits = { maxRequestSeconds, keepaliveMinSeconds, drainSeconds };
      fc.pre(contradictions(limits).length === 0);
      // A request on a kept connection of an older worker ends, before the worker is cut, before the replica is killed, before Pulumi gives up.
      expect(workerShutdownSeconds(limits)).toBeGreaterThanOrEqual(keepaliveMinSeconds + maxRequestSeconds);
      expect(replicaGraceSeconds(limits)).toBeGreaterThan(workerShutdownSeconds(limits));
      expect(replicaGraceSeconds(limits)).toBeLessThan(20 * 60);
    }),
  );
});

test("a subnet that cannot hold two sets of the replicas is refused with the numbers", () => {
  expect(() => read({ wordpressReplicas: "80", frontendSubnet: "10.9.0.0/24" })).toThrow(
    'frontendSubnet is "10.9.0.0/24": a subnet whose upper half holds 168 addresses',
  );
  expect(
    read({ wordpressReplicas: "59", frontendSubnet: "10.9.0.0/24", backendSubnet: "10.9.1.0/24" }).wordpressReplicas,
  ).toBe(59);
});

test("an unknown key is refused, with the one that was meant", () => {
  expect(() => read({ wordpressReplica: "3" })).toThrow("did you mean wordpressReplicas?");
  expect(() => read({ colour: "blue" })).toThrow("colour is not a key of this project");
});

test("every problem is listed at once", () => {
  expect(() => read({ wordpressReplicas: "0", adminEmail: "x", httpPort: "y" })).toThrow(
    /wordpressReplicas[^]*httpPort|httpPort[^]*wordpressReplicas/,
  );
});

test("with autoscale there is no number of replicas to set; the default is none", () => {
  const autoscale = '{"min":2,"max":4,"targetCpuPercent":50}';
  expect(read({ autoscale }).autoscale).toMatchObject({
    min: 2,
    max: 4,
    targetCpuPercent: 50,
    scaleDownWindowSeconds: 300,
  });
  expect(() => read({ autoscale, wordpressReplicas: "5" })).toThrow(
    /:wordpressReplicas is "5": nothing where autoscale is set[^]*pulumi config rm wordpressReplicas/,
  );
});

test("autoscale's defaults are Kubernetes'; a number may be written as text; an empty map is none", () => {
  expect(read({ autoscale: '{"min":"1","max":9,"targetRequestsPerReplica":4}' }).autoscale).toEqual({
    min: 1,
    max: 9,
    targetRequestsPerReplica: 4,
    tolerancePercent: 10,
    periodSeconds: 5,
    scaleUpWindowSeconds: 0,
    scaleDownWindowSeconds: 300,
    scaleUpPercent: 100,
    scaleUpReplicas: 4,
    scaleUpPeriodSeconds: 15,
    scaleDownPercent: 100,
    scaleDownReplicas: 0,
    scaleDownPeriodSeconds: 15,
    actionsPerHour: 20,
    coolDownSeconds: 30,
  });
  expect(read({ autoscale: "{}" })).not.toHaveProperty("autoscale");
});

test.each([
  ["4", /:autoscale is "4": a map, such as \{min: 2/],
  ["[1]", /:autoscale is "\[1\]": a map/],
  ["{min: 2}", /:autoscale is "\{min: 2\}": a map/],
  [
    '{"min":1,"max":2}',
    /:autoscale is .*: at least one target: targetCpuPercent, targetRequestsPerReplica, targetUpstream/,
  ],
  ['{"max":2,"targetCpuPercent":50}', /:autoscale.min is empty: a whole number from 1 to 100/],
  ['{"min":0,"max":2,"targetCpuPercent":50}', /:autoscale.min is "0": a whole number from 1 to 100/],
  ['{"min":1,"max":101,"targetCpuPercent":50}', /:autoscale.max is "101": a whole number from 1 to 100/],
  ['{"min":3,"max":2,"targetCpuPercent":50}', /:autoscale.max is "2": at least autoscale.min, which is 3/],
  ['{"min":1,"max":2,"targetCpuPercent":0.5}', /:autoscale.targetCpuPercent is "0.5": a whole number from 1 to 10000/],
  ['{"min":1,"max":2,"targetCpuPercent":true}', /:autoscale.targetCpuPercent is "true": a whole number/],
  ['{"min":1,"max":2,"targetCpuPercent":null}', /:autoscale is .*: at least one target/],
  ['{"min":1,"max":2,"targetCpu":50}', /:autoscale.targetCpu is "50": not a key of it; the keys are min, max/],
  [
    '{"min":1,"max":2,"targetCPUPercent":50}',
    /targetCPUPercent is "50": not a key of it \(did you mean targetCpuPercent\?\)/,
  ],
  [
    '{"min":1,"max":2,"targetCpuPercent":5,"tolerancePercent":-1}',
    /:autoscale.tolerancePercent is "-1": a whole number from 0/,
  ],
])("autoscale = %s is refused", (autoscale, message) => {
  expect(() => read({ autoscale })).toThrow(message);
  expect(() => read({ autoscale })).toThrow("nothing was changed");
});

test("subnets have to hold two sets of autoscale's max", () => {
  expect(() => read({ autoscale: '{"min":2,"max":80,"targetCpuPercent":50}', frontendSubnet: "10.9.0.0/24" })).toThrow(
    'frontendSubnet is "10.9.0.0/24": a subnet whose upper half holds 168 addresses (two sets of 80 replicas',
  );
});

test("keys of other namespaces are none of ours", () => {
  expect(readSettings({ ...defaults, "docker:host": "unix:///x" }, PROJECT).images).toEqual({});
});
