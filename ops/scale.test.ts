import { runCommand } from "../test/support/command";
import { main } from "./scale";

/** Pulumi's commands as they are run, with the exit status that each is to have. */
function pulumi(status: (command: string) => number) {
  const commands: string[] = [];
  const run = (...args: string[]): Promise<number> => {
    commands.push(args.join(" "));
    return Promise.resolve(status(args.join(" ")));
  };
  const ask = async (...args: string[]) => ({ code: await run(...args), stdout: "", stderr: "" });
  return { commands, context: { pulumi: run, ask } };
}

test.each([[[]], [["0"]], [["-1"]], [["2.5"]], [["three"]], [["101"]], [["2", "3"]]])(
  "refuses %j before anything changes",
  async (args) => {
    const { commands, context } = pulumi(() => 0);
    const { code, stdout, error } = await runCommand(main, args, context);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(error).toContain("Usage: npm run scale -- N");
    expect(commands).toEqual([]);
  },
);

test("names the value that is not a replica count, and what is", async () => {
  const { error } = await runCommand(main, ["-1"]);
  expect(error).toMatch(/^not a valid replica count: "-1"; give a whole number from 1 to 100\.\n/);
});

test("sets the number and runs `up`", async () => {
  const { commands, context } = pulumi((command) => (command.startsWith("config get") ? 1 : 0));
  expect(await runCommand(main, ["4", "-s", "prod"], context)).toMatchObject({ code: 0 });
  expect(commands).toEqual([
    "config get autoscale --stack prod",
    "config set wordpressReplicas 4 --stack prod",
    "up --yes --skip-preview --stack prod",
  ]);
});

test.each([
  ["config set", 3, 2],
  ["up", 4, 3],
])("ends with the exit status of %s", async (failing, status, count) => {
  const { commands, context } = pulumi((command) =>
    command.startsWith("config get") ? 1 : command.startsWith(failing) ? status : 0,
  );
  expect(await runCommand(main, ["4"], context)).toMatchObject({ code: status });
  expect(commands).toHaveLength(count);
});

test("refuses a stack that has autoscale, and changes nothing", async () => {
  const { commands, context } = pulumi(() => 0);
  const { code, error } = await runCommand(main, ["4", "--stack", "prod"], context);
  expect(code).toBe(1);
  expect(error).toContain("Stack prod has autoscale: `npm run autoscale` chooses the number.");
  expect(error).toContain("autoscale.min 4 --stack prod");
  expect(commands).toEqual(["config get autoscale --stack prod"]);
});
