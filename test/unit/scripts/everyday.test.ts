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
});
