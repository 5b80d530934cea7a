/** Another checkout with the same stack name on one host: refused by name before anything is made; what is its own is always taken up. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { STACK_LABEL } from "../../contract/labels";
import { docker, runScript, TestStack, type Ran } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";

let stack: TestStack;
let otherState = "";
beforeAll(async () => {
  stack = await TestStack.create("test-second-clone", 21, { wordpressReplicas: "1" });
  otherState = fs.mkdtempSync(path.join(os.tmpdir(), "test-second-clone-other-"));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  fs.rmSync(otherState, { recursive: true });
});

const other = (): { PULUMI_BACKEND_URL: string } => ({ PULUMI_BACKEND_URL: `file://${otherState}` });
const byTheOther = (...args: string[]): Promise<Ran> => stack.try(args, { env: other() });
/** `stack init NAME` takes no --stack. */
const initTheOther = (): Promise<Ran> =>
  runScript("pulumi.mjs", ["-C", stack.program, "stack", "init", stack.name], { ...stack.env, ...other() });
const filters = { label: [`${STACK_LABEL}=test-second-clone`] };
const ids = async (): Promise<string[]> => {
  const [containers, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
  ]);
  return [...containers, ...networks].map(({ Id }) => Id).sort();
};

/** What a user does next has to work. */
async function succeeded(ran: Promise<Ran>): Promise<Ran> {
  const { code, output } = await ran;
  if (code !== 0) throw new Error(`it ended with ${code}:\n${output}`);
  return ran;
}

async function expectRefusal(...args: string[]): Promise<void> {
  const before = await ids();
  const ran = await byTheOther(...args);
  expect(ran.code).not.toBe(0);
  expect(ran.output.replace(/\s+/g, " ")).toMatch(
    /stack test-second-clone is on this host already.* does not contain test-second-clone-consul.*Nothing was changed\./,
  );
  expect(ran.output).toContain("docker network rm test-second-clone-backend test-second-clone-control");
  expect(await ids()).toEqual(before);
}

test("the first `up` of the one is killed; the other is refused meanwhile, and the one mends its own", async () => {
  const kill = new AbortController();
  const first = stack.try(["up", "--yes", "--skip-preview"], { cut: { at: kill.signal, signal: "SIGKILL" } });
  await until("there is a container", async () => (await stack.containers()).length > 0);
  kill.abort();
  expect((await first).code).not.toBe(0);

  await succeeded(initTheOther());
  await expectRefusal("preview");
  await expectRefusal("up", "--yes", "--skip-preview");

  await succeeded(stack.try(["preview"]));
  await stack.up();
  expect((await stack.site.get("/")).status).toBe(200);
});

test("a stack that is stopped counts, and the state that has it is its owner", async () => {
  await Promise.all(
    (await stack.containers()).map(({ Id }) =>
      docker
        .getContainer(Id)
        .kill()
        .catch(() => undefined),
    ),
  );
  await expectRefusal("preview");
  await succeeded(stack.try(["preview"]));
  const { stdout } = await stack.run("stack", "export");
  const adopted = path.join(otherState, "adopted.json");
  fs.writeFileSync(adopted, stdout);
  await succeeded(byTheOther("stack", "import", "--file", adopted));
  await succeeded(byTheOther("preview"));
});

test("what a destroyed stack keeps, its data, refuses nobody", async () => {
  await stack.destroy();
  expect((await docker.listVolumes({ filters })).Volumes.length).toBeGreaterThan(0);
  fs.rmSync(path.join(otherState, ".pulumi"), { recursive: true });
  await succeeded(initTheOther());
  await succeeded(byTheOther("preview"));
});
