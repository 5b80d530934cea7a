import { runCommand } from "../test/support/command";
import { FakeDocker } from "../test/support/fake-docker";
import { main } from "./purge";

const VOLUMES = ["dev-database", "dev-uploads"];

test("removes the volumes of a destroyed stack once its name is given twice", async () => {
  await using docker = await FakeDocker.start("dev", [], VOLUMES);
  const { code, stdout } = await runCommand(main, ["dev", "--yes", "dev"]);
  expect(code).toBe(0);
  expect(stdout).toBe("removed dev-database\nremoved dev-uploads\n");
  expect(docker.removed).toEqual(VOLUMES);
});

test.each([
  ["a name that differs", ["dev", "--yes", "prod"], '"prod" is not "dev": nothing was removed'],
  ["nobody to type it", ["dev"], "purge dev --yes dev"],
  ["no stack", [], "Usage: npm run purge"],
  ["two stacks", ["dev", "prod"], "Usage: npm run purge"],
])("keeps the data on %s", async (_, args, message) => {
  await using docker = await FakeDocker.start("dev", [], VOLUMES);
  const { code, error } = await runCommand(main, args);
  expect(code).toBe(1);
  expect(error).toContain(message);
  expect(docker.removed).toEqual([]);
});

test("keeps the data of a stack that still has containers, and says how to destroy it", async () => {
  const mysql = { id: "id1", name: "dev-mysql", role: "mysql", state: "exited" };
  await using docker = await FakeDocker.start("dev", [mysql], VOLUMES);
  const { code, error } = await runCommand(main, ["dev", "--yes", "dev"]);
  expect(code).toBe(1);
  expect(error).toContain("still has containers (dev-mysql)");
  expect(error).toContain("destroy --yes --stack dev");
  expect(docker.removed).toEqual([]);
});

test("leaves another stack's volumes alone", async () => {
  await using docker = await FakeDocker.start("prod", [], ["prod-database"]);
  const { code, stdout } = await runCommand(main, ["dev", "--yes", "dev"]);
  expect(code).toBe(0);
  expect(stdout).toBe("Nothing to remove: there is no volume of stack dev.\n");
  expect(docker.removed).toEqual([]);
});
