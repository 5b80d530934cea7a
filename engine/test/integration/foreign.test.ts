/** Two checkouts of one program on one Docker: what the one was killed in must not cost the other anything. */
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliProject } from "../support/cli-project";
import { BASE, docker, Fixture, labels, stateOf } from "./providers/fixture";

jest.setTimeout(300_000);
let fixture: Fixture;
const projects: CliProject[] = [];
beforeAll(async () => (fixture = await Fixture.start()));
afterAll(async () => {
  projects.forEach((project) => project.remove());
  await fixture.stop();
});

test("an `up` that was killed while it still pulled leaves a running container of the same name and labels alone", async () => {
  const name = fixture.name("box");
  const inputs = { name, image: BASE, command: ["sleep", "600"], labels };
  const program = `
    import * as docker from "@pulumi/docker";
    new docker.Container("box", ${JSON.stringify(inputs)});
  `;
  const [mine, theirs] = [await CliProject.create("mine", program), await CliProject.create("theirs", program)];
  projects.push(mine, theirs);
  const up = ["up", "--yes", "--skip-preview"];
  expect(await theirs.engine(up)).toMatchObject({ code: 0 });
  const { Id } = await docker.getContainer(name).inspect();

  // Its own `up` meets the other one's container; what its state is like after a kill before that is written by hand.
  const met = await mine.engine(up);
  expect(met).toMatchObject({ code: 1, output: expect.stringContaining("cannot be created") as string });
  const file = join(mine.folder, "state/.pulumi/stacks/engine-test/mine.json");
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest: { resources: { urn: string; type: string; id?: string }[]; pending_operations?: unknown } };
  };
  const { latest } = state.checkpoint;
  const provider = latest.resources.find(({ type }) => type === "pulumi:providers:docker");
  const resource = {
    urn: "urn:pulumi:mine::engine-test::docker:index/container:Container::box",
    custom: true,
    type: "docker:index/container:Container",
    inputs: { ...inputs, __defaults: [] },
    provider: `${provider?.urn ?? ""}::${provider?.id ?? ""}`,
  };
  latest.pending_operations = [{ resource, type: "creating", attempt: randomUUID() }];
  writeFileSync(file, JSON.stringify(state));

  for (const command of [up, ["destroy", "--yes", "--skip-preview"]]) {
    await mine.engine(command);
    expect((await docker.getContainer(name).inspect()).Id).toBe(Id);
    expect(await stateOf(Id)).toMatchObject({ running: true });
  }
  // Its own goes with it, and then there is room.
  expect(await theirs.engine(["destroy", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
  expect(await mine.engine(up)).toMatchObject({ code: 0 });
  expect(await mine.engine(["destroy", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
});
