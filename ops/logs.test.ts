import { runCommand } from "../test/support/command";
import { type FakeContainer, FakeDocker } from "../test/support/fake-docker";
import { main } from "./logs";

const lines = (name: string): FakeContainer["log"] => [
  [1, `${name} one\n`],
  [2, `${name} two\n`],
  [1, `${name} thr`],
  [1, "ee\n"],
];
const containers: FakeContainer[] = [
  { id: "id10", name: "dev-wordpress-10", role: "wordpress", log: lines("ten") },
  { id: "id2", name: "dev-wordpress-2", role: "wordpress", log: lines("two") },
  { id: "id3", name: "dev-nginx", role: "nginx", log: [[1, "without an end of line"]] },
];

const logs = async (...args: string[]) => {
  await using _docker = await FakeDocker.start("dev", containers);
  return await runCommand(main, args);
};

test.each([["--no-follow"], ["--stack=dev"]])(
  "shows every container of the role, each whole line of both outputs after its container's name (%s)",
  async (option) => {
    const { code, stdout } = await logs("wordpress", "-n", "all", option);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n").sort()).toEqual([
      "dev-wordpress-10 | ten one",
      "dev-wordpress-10 | ten three",
      "dev-wordpress-10 | ten two",
      "dev-wordpress-2  | two one",
      "dev-wordpress-2  | two three",
      "dev-wordpress-2  | two two",
    ]);
  },
);

test("shows as many lines as are asked for, the last one of a log without its end, too", async () => {
  expect((await logs("wordpress", "-n", "2", "--no-follow")).stdout).not.toContain("two one");
  expect((await logs("nginx", "--no-follow")).stdout).toBe("dev-nginx | without an end of line\n");
});

test.each([
  [["redis"], 'Stack dev has no role "redis". It has: nginx, wordpress'],
  [[], "Roles of stack dev: nginx, wordpress"],
  [["nginx", "-n", "few"], '-n is "few": a number of lines, or "all".'],
  [["nginx", "--stack", "prod"], "Stack prod has no containers. `npm start` deploys dev."],
])("refuses %j", async (args, message) => {
  const { code, error } = await logs(...args);
  expect(code).toBe(1);
  expect(error).toContain(message);
});
