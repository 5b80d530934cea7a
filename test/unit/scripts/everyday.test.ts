import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Sandbox } from "./script";

/** A docker that knows the containers and volumes given, and writes down what it removes. */
const fakeDocker = (containers: string[][], volumes: string[], removed: string): string => `
const args = process.argv.slice(2);
const said = args.join(" ");
if (said.startsWith("container ls")) console.log(${JSON.stringify(containers.map((one) => one.join("\t")).join("\n"))});
else if (said.startsWith("volume ls")) console.log(${JSON.stringify(volumes.join("\n"))});
else if (said.startsWith("volume rm")) require("node:fs").appendFileSync(${JSON.stringify(removed)}, args.slice(2).join(" ") + "\\n");
else if (args[0] === "logs") console.log("hello from " + args.at(-1) + ", tail " + args[2]);
else process.exit(1);`;

let sandbox: Sandbox;
beforeEach(() => (sandbox = new Sandbox()));
afterEach(() => sandbox.remove());

const withDocker = (containers: string[][], volumes: string[]): string => {
  const removed = join(sandbox.folder, "removed");
  sandbox.fake("docker", fakeDocker(containers, volumes, removed));
  return removed;
};

describe("npm run purge", () => {
  it("removes the volumes of a destroyed stack once its name is given twice", () => {
    const removed = withDocker([], ["dev-database", "dev-uploads"]);
    const { code, stdout } = sandbox.run("purge.mjs", ["dev", "--yes", "dev"]);
    expect(code).toBe(0);
    expect(stdout).toBe("removed dev-database\nremoved dev-uploads\n");
    expect(readFileSync(removed, "utf8")).toBe("dev-database\ndev-uploads\n");
  });

  it.each([
    ["a name that differs", ["dev", "--yes", "prod"], '"prod" is not "dev": nothing was removed'],
    ["nobody to type it", ["dev"], "purge dev --yes dev"],
    ["no stack", [], "Usage: npm run purge"],
  ])("keeps the data on %s", (_, args, message) => {
    const removed = withDocker([], ["dev-database"]);
    const { code, stderr } = sandbox.run("purge.mjs", args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(existsSync(removed)).toBe(false);
  });

  it("keeps the data of a stack that still has containers, and says how to destroy it", () => {
    const removed = withDocker([["id1", "dev-mysql", "mysql", "exited"]], ["dev-database"]);
    const { code, stderr } = sandbox.run("purge.mjs", ["dev", "--yes", "dev"]);
    expect(code).toBe(1);
    expect(stderr).toContain("still has containers (dev-mysql)");
    expect(stderr).toContain("destroy --yes --stack dev");
    expect(existsSync(removed)).toBe(false);
  });
});

describe("npm run logs", () => {
  const containers = [
    ["id10", "dev-wordpress-10", "wordpress", "running"],
    ["id2", "dev-wordpress-2", "wordpress", "running"],
    ["id3", "dev-nginx", "nginx", "running"],
  ];

  it("shows every container of the role, each line after its container's name", () => {
    withDocker(containers, []);
    const { code, stdout } = sandbox.run("logs.mjs", ["wordpress", "-n", "5", "--no-follow"]);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n").sort()).toEqual([
      "dev-wordpress-10 | hello from id10, tail 5",
      "dev-wordpress-2  | hello from id2, tail 5",
    ]);
  });

  it("lists the roles that exist when the one asked for does not", () => {
    withDocker(containers, []);
    const { code, stderr } = sandbox.run("logs.mjs", ["redis"]);
    expect(code).toBe(1);
    expect(stderr).toContain('no role "redis". It has: nginx, wordpress');
  });
});

describe("npm run scale", () => {
  it.each([[[]], [["0"]], [["-1"]], [["2.5"]], [["three"]], [["101"]], [["2", "3"]]])(
    "refuses %j before anything changes",
    (args) => {
      const { code, stdout, stderr } = sandbox.run("scale.mjs", args);
      expect(code).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toContain("Usage: npm run scale -- N");
    },
  );

  it("refuses a stack that has autoscale, and changes nothing", () => {
    const calls = join(sandbox.folder, "calls");
    sandbox.fake(
      "pulumi",
      `const said = process.argv.slice(2).join(" ");
       require("node:fs").appendFileSync(${JSON.stringify(calls)}, said + "\\n");
       console.log(said === "version" ? "v3.0.0" : '{"min":2}');`,
    );
    const env = { PULUMI_ENGINE: "cli", PULUMI_BACKEND_URL: `file://${sandbox.folder}` };
    const { code, stderr } = sandbox.run("scale.mjs", ["4", "--stack", "prod"], env);
    expect(code).toBe(1);
    expect(stderr).toContain("Stack prod has autoscale: `npm run autoscale` chooses the number.");
    expect(stderr).toContain("autoscale.min 4 --stack prod");
    expect(readFileSync(calls, "utf8").trim().split("\n")).toEqual(["version", "config get autoscale --stack prod"]);
  });
});

describe("npm run autoscale", () => {
  it.each([
    [["--dry-runs"], "Unknown option --dry-runs"],
    [["draw"], "Usage: npm run autoscale"],
    [["--metrics-port", "0"], '"0" is no port'],
    [["plot"], "There is no decision of stack dev in "],
  ])("refuses %j", (args, message) => {
    const { code, stderr } = sandbox.run("autoscale.mjs", args, { PULUMI_BACKEND_URL: `file://${sandbox.folder}` });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it("plots the log of decisions beside the state", () => {
    const decision = {
      time: "2026-01-01T00:00:00.000Z",
      kind: "decision",
      current: 2,
      replicas: 3,
      wishes: [{ metric: "requests", target: 4, value: 6, replicas: 3 }],
      samples: { replicas: [], requestsInFlight: 12 },
    };
    sandbox.write("autoscaler/prod.jsonl", `${JSON.stringify(decision)}\n`);
    const { code, stdout } = sandbox.run("autoscale.mjs", ["plot", "--stack", "prod"], {
      PULUMI_BACKEND_URL: `file://${sandbox.folder}`,
    });
    expect(code).toBe(0);
    expect(stdout).toBe("prod-autoscale.svg\n");
    expect(readFileSync(join(sandbox.folder, "prod-autoscale.svg"), "utf8")).toContain(
      "stack prod, 2026-01-01 00:00:00",
    );
  });
});
