/** What was changed by hand behind the engine's back: `refresh` says it, `up` mends it, `destroy` does not stumble over it. */
import type Docker from "dockerode";
import { CliProject, type Ran } from "../support/cli-project";
import { BASE, docker, exists, Fixture, labels } from "./providers/fixture";

/** Each command starts a program, which takes 2 s on an idle machine. */
const named = (word: string): string => `engine-test-${process.pid}-drift-${word}`;
const IMAGE = `engine-test:drift-${process.pid}`;
const program = `
import * as docker from "@pulumi/docker";
const labels = ${JSON.stringify(labels)};
const net = new docker.Network("net", { name: "${named("net")}", labels });
const vol = new docker.Volume("vol", { name: "${named("vol")}", labels });
const img = new docker.RemoteImage("img", { name: "${IMAGE}", build: { context: "app" } });
new docker.Container("box", {
  name: "${named("box")}",
  image: img.imageId,
  labels,
  networksAdvanced: [{ name: net.id }],
  volumes: [{ volumeName: vol.name, containerPath: "/data" }],
  memory: 64,
});
`;

let fixture: Fixture;
let project: CliProject;
beforeAll(async () => {
  fixture = await Fixture.start();
  project = await CliProject.create("drift", program);
  project.write(program, { "app/Dockerfile": `FROM ${BASE}\nRUN echo ${process.pid} >/made\n` });
  await run("up", "--yes", "--skip-preview");
});
afterAll(async () => {
  project.remove();
  await fixture.stop();
});

/** Runs a command that has to succeed; what it takes to do so is left out of its output. */
async function run(...args: string[]): Promise<string> {
  const { code, output }: Ran = await project.engine(args);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${output}`);
  return output
    .split("\n")
    .filter((line) => !/ing \(\d+s\)/.test(line))
    .join("\n");
}
const refresh = () => run("refresh", "--yes", "--skip-preview");
const up = (...more: string[]) => run("up", "--yes", "--skip-preview", ...more);
const nothingToDo = () => run("preview", "--refresh", "--expect-no-changes");

const box = (): Docker.Container => docker.getContainer(named("box"));
const idOf = async (): Promise<string> => (await box().inspect()).Id;

test("a container stopped by hand is found, and started again as it is", async () => {
  const id = await idOf();
  await box().stop({ t: 0 });
  expect(await run("preview", "--expect-no-changes")).toContain("5 unchanged");

  const looked = await run("refresh", "--preview-only");
  expect(looked).toMatch(/~ {2}docker:index:Container box changed \[diff: .*~mustRun/);
  expect(looked).toContain("~ 1 to update");
  const found = await refresh();
  expect(found).toMatch(/~ {2}docker:index:Container box changed \(\S+\) \[diff: .*~mustRun/);
  expect(found).not.toContain("Network net");
  expect(found).toMatch(/~ 1 updated\n +4 unchanged/);

  expect(await run("preview")).toContain("mustRun: false => true");
  expect(await up()).toMatch(/~ {2}docker:index:Container box updated/);
  const { Id, State } = await box().inspect();
  expect({ Id, running: State.Running }).toEqual({ Id: id, running: true });
  await nothingToDo();
});

test("a container removed by hand is gone for refresh, and made again", async () => {
  await box().remove({ force: true });
  const looked = await run("preview", "--refresh");
  expect(looked).toMatch(/- {2}docker:index:Container box gone\n/);
  expect(looked).toMatch(/\+ {2}docker:index:Container box create\n/);
  expect(await exists(box().inspect())).toBe(false);

  const found = await refresh();
  expect(found).toMatch(/- {2}docker:index:Container box gone \(\S+\)\n/);
  expect(found).toMatch(/- 1 deleted\n +4 unchanged/);
  expect(await up()).toMatch(/\+ {2}docker:index:Container box created/);
  await nothingToDo();
});

test("`up --refresh` finds and mends at once: a limit changed by hand, a container disconnected from its network", async () => {
  await box().update({ Memory: 2 ** 27, MemorySwap: -1 });
  expect(await up("--refresh")).toMatch(/box changed .*memory[^]*box updated .*memory/);
  expect((await box().inspect()).HostConfig.Memory).toBe(2 ** 26);

  await docker.getNetwork(named("net")).disconnect({ Container: named("box"), Force: true });
  expect(await up("--refresh")).toMatch(/box changed .*networksAdvanced[^]*box created replacement .*networksAdvanced/);
  expect(Object.keys((await box().inspect()).NetworkSettings.Networks)).toEqual([named("net")]);
  await nothingToDo();
});

test("a network deleted by hand is made again, and with it what was in it", async () => {
  await docker.getNetwork(named("net")).disconnect({ Container: named("box"), Force: true });
  await docker.getNetwork(named("net")).remove();
  const found = await refresh();
  expect(found).toMatch(/- {2}docker:index:Network net gone/);
  expect(found).toMatch(/~ {2}docker:index:Container box changed .*networksAdvanced/);
  const mended = await up();
  expect(mended).toMatch(/\+ {2}docker:index:Network net created/);
  expect(mended).toMatch(/\+\+ docker:index:Container box created replacement/);
  expect(Object.keys((await box().inspect()).NetworkSettings.Networks)).toEqual([named("net")]);
});

test("a volume and an image removed by hand are made again, with the container that needs them", async () => {
  await box().remove({ force: true });
  await docker.getVolume(named("vol")).remove();
  await docker.getImage(IMAGE).remove({ force: true });
  const mended = await up("--refresh");
  for (const gone of ["Container box", "Volume vol", "RemoteImage img"]) {
    expect(mended).toMatch(new RegExp(`- {2}docker:index:${gone} gone`));
    expect(mended).toMatch(new RegExp(`\\+ {2}docker:index:${gone} created`));
  }
  expect(mended).toMatch(/\+ 3 created\n +2 unchanged/);
  await nothingToDo();
});

test("what is gone already does not fail a destroy, with or without --refresh", async () => {
  await box().remove({ force: true });
  expect(await run("destroy", "--yes", "--skip-preview")).toContain("- 5 deleted");
  await up();
  await box().remove({ force: true });
  await docker.getNetwork(named("net")).remove();
  await docker.getVolume(named("vol")).remove();
  const destroyed = await run("destroy", "--yes", "--skip-preview", "--refresh");
  expect(destroyed).toMatch(/- {2}docker:index:Network net gone/);
  expect(destroyed).toMatch(/- 2 deleted/);
  expect(await exists(docker.getImage(IMAGE).inspect())).toBe(false);
});
