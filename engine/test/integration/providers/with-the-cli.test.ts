/**
 * Engines and providers in every combination, on one state: the real CLI with our Docker provider, ours with the real one, and each by
 * itself finds nothing to do after the other.
 */
import { delimiter, dirname } from "node:path";
import { dockerProvider } from "@wordpress-autoscaling/engine/src/providers/docker";
import { CliProject, type Ran } from "../../support/cli-project";
import { describeWhere, onPath, realProviderBinary } from "../../support/real-provider";
import { serveProvider, type ServedProvider } from "../../support/serve-provider";
import { BASE, docker, exists, Fixture, labels } from "./fixture";

const named = (word: string): string => `engine-test-${process.pid}-cli-${word}`;
const program = (memory: number, command: string): string => `
import * as docker from "@pulumi/docker";
import * as random from "@pulumi/random";
const labels = ${JSON.stringify(labels)};
const net = new docker.Network("net", { name: "${named("net")}", labels });
const vol = new docker.Volume("vol", { name: "${named("vol")}", labels });
const img = new docker.RemoteImage("img", { name: "${BASE}", keepLocally: true });
const password = new random.RandomPassword("password", { length: 20 });
const box = new docker.Container("box", {
  name: "${named("box")}",
  image: img.imageId,
  command: ["sleep", "${command}"],
  labels,
  envs: [password.result.apply((result) => "SECRET=" + result)],
  networksAdvanced: [{ name: net.id, aliases: ["box"] }],
  volumes: [{ volumeName: vol.name, containerPath: "/data" }],
  ports: [{ internal: 80, ip: "127.0.0.1" }],
  memory: ${memory},
  memorySwap: ${memory},
});
export const port = box.ports.apply((ports) => ports![0].external);
`;

const succeeded = ({ code, output }: Ran): string => {
  if (code !== 0) throw new Error(`it ended with ${code}:\n${output}`);
  return output;
};

describeWhere(
  onPath("pulumi") !== undefined &&
    realProviderBinary("docker") !== undefined &&
    realProviderBinary("random") !== undefined,
  "`pulumi` on PATH with its docker and random providers",
  "engines and providers, crossed",
  () => {
    let fixture: Fixture;
    let project: CliProject;
    let served: ServedProvider;
    beforeAll(async () => {
      fixture = await Fixture.start();
      project = await CliProject.create("crossed", program(32, "600"));
      served = await serveProvider(dockerProvider({ log: () => undefined, programFolder: project.folder }), "5.2.0");
    });
    afterAll(async () => {
      served.close();
      project.remove();
      await fixture.stop();
    });

    /** The real CLI with our Docker provider. */
    const attached = () => ({ PULUMI_DEBUG_PROVIDERS: `docker:${served.port}` });
    /** The embedded engine with the real providers. */
    const path = () => ({
      PULUMI_PROVIDERS: "path",
      PATH: [
        dirname(realProviderBinary("docker") ?? ""),
        dirname(realProviderBinary("random") ?? ""),
        process.env["PATH"],
      ].join(delimiter),
    });
    /** The password is in the container, and nowhere in the state, whoever wrote it. */
    const keepsSecret = async (): Promise<void> => {
      const { Config } = await docker.getContainer(named("box")).inspect();
      const password = Config.Env.find((entry) => entry.startsWith("SECRET="))?.slice("SECRET=".length) ?? "";
      expect(password).toHaveLength(20);
      expect(project.state()).not.toContain(JSON.stringify(password).slice(1, -1));
    };
    const up = ["up", "--yes", "--skip-preview"];
    const nothingToDo = async (): Promise<void> => {
      const preview = ["preview", "--expect-no-changes"];
      for (const run of [project.engine(preview), project.engine(preview, path())]) succeeded(await run);
      for (const run of [project.cli(preview), project.cli(preview, attached())]) succeeded(await run);
    };

    test("what the CLI made with our provider is what everyone else wants", async () => {
      expect(succeeded(await project.cli(up, attached()))).toMatch(/created/);
      await keepsSecret();
      await nothingToDo();
    });

    test("an update by the embedded engine with the real providers, in place", async () => {
      const before = await docker.getContainer(named("box")).inspect();
      project.write(program(64, "600"));
      expect(succeeded(await project.engine(up, path()))).toMatch(/box updated/);
      const after = await docker.getContainer(named("box")).inspect();
      expect([after.Id, after.HostConfig.Memory]).toEqual([before.Id, 64 * 1024 * 1024]);
      await keepsSecret();
      await nothingToDo();
    });

    test("a replacement by the CLI with our provider, delete-first", async () => {
      const before = await docker.getContainer(named("box")).inspect();
      project.write(program(64, "601"));
      expect(succeeded(await project.cli(up, attached()))).toMatch(/deleted original[^]*created replacement/);
      expect((await docker.getContainer(named("box")).inspect()).Id).not.toBe(before.Id);
      await nothingToDo();
    });

    test("the CLI's refresh with our provider finds a container that is gone; ours with the real one makes it again", async () => {
      await docker.getContainer(named("box")).remove({ force: true });
      expect(succeeded(await project.cli(["refresh", "--yes", "--skip-preview"], attached()))).toContain("- 1 deleted");
      expect(succeeded(await project.engine(up, path()))).toMatch(/box created/);
      expect(succeeded(await project.engine(["destroy", "--yes", "--skip-preview"], path()))).toMatch(/- \d+ deleted/);
      expect(await exists(docker.getNetwork(named("net")).inspect())).toBe(false);
    });
  },
);

test("PULUMI_PROVIDERS=path without a provider on PATH says so in one line; another value is refused", async () => {
  const project = await CliProject.create(
    "path",
    `import * as random from "@pulumi/random";\nnew random.RandomUuid("id");\n`,
  );
  try {
    const bare = { PATH: dirname(process.execPath) };
    const previewed = await project.engine(["preview"], { ...bare, PULUMI_PROVIDERS: "path" });
    expect(previewed.output).toContain(
      "warning: PULUMI_PROVIDERS=path, but pulumi-resource-random is not on PATH: the engine's own provider is used",
    );
    expect(succeeded(previewed)).toMatch(/\+ 2 to create/);
    const refused = await project.engine(["preview"], { PULUMI_PROVIDERS: "real" });
    expect(refused.code).toBe(1);
    expect(refused.output).toContain("PULUMI_PROVIDERS is 'real': it may be 'path'");
  } finally {
    project.remove();
  }
});
