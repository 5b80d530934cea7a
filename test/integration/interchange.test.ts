/** The whole stack, deployed by one engine and carried on by the other, in both directions: nobody loses anything by either choice. */
import { execFileSync } from "node:child_process";
import { TestStack } from "../../lab/driver/stack";

type Engine = "cli" | "embedded";

const cli = ((): boolean => {
  try {
    execFileSync("pulumi", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("no `pulumi` on PATH: the interchange of the whole stack with the real CLI was not run\n");
    return false;
  }
})();

/** Runs a command with one of the engines; it has to succeed. */
async function by(engine: Engine, stack: TestStack, ...args: string[]): Promise<string> {
  stack.env["PULUMI_ENGINE"] = engine;
  return (await stack.run(...args)).stdout;
}

(cli ? test : test.skip).each<[Engine, Engine]>([
  ["embedded", "cli"],
  ["cli", "embedded"],
])(
  "%s deploys, %s finds nothing to do, scales, refreshes and destroys; the first then agrees",
  async (first, second) => {
    const nothingToDo = (engine: Engine): Promise<string> =>
      by(engine, stack, "preview", "--expect-no-changes", "--diff");
    process.env["PULUMI_ENGINE"] = first;
    await using stack = await TestStack.create("test-semantics-interchange", 12, { wordpressReplicas: "1" });
    delete process.env["PULUMI_ENGINE"];
    await by(first, stack, "up", "--yes", "--skip-preview");
    const { adminPassword } = await stack.outputs();
    await nothingToDo(second);

    await by(second, stack, "config", "set", "wordpressReplicas", "2");
    await by(second, stack, "up", "--yes", "--skip-preview");
    await nothingToDo(first);
    expect(await stack.containers("wordpress")).toHaveLength(2);
    expect((await stack.applied())?.members).toHaveLength(2);
    expect((await stack.site.get("/")).status).toBe(200);

    await by(second, stack, "refresh", "--yes", "--skip-preview");
    await nothingToDo(first);
    await nothingToDo(second);
    expect((await stack.outputs()).adminPassword).toBe(adminPassword);
    const history = async (engine: Engine): Promise<unknown> =>
      JSON.parse(await by(engine, stack, "stack", "history", "--json"));
    expect(await history(first)).toEqual(await history(second));

    await by(second, stack, "destroy", "--yes", "--skip-preview");
    expect(await stack.containers()).toEqual([]);
  },
);
