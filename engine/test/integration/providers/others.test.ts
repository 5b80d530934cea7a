/** Networks, volumes and images against a real Docker engine. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { text } from "@wordpress-autoscaling/engine/src/providers/value";
import { BASE, CONTAINER, docker, exists, Fixture, IMAGE, LABEL, NETWORK, run, VOLUME, type Made } from "./fixture";

let fixture: Fixture;
beforeAll(async () => (fixture = await Fixture.start()));
afterAll(() => fixture.stop());

const unchanged = async (made: Made): Promise<void> => {
  expect((await fixture.diff(made)).changes).toBe("none");
  expect(await fixture.read(made)).toEqual({ id: made.id, inputs: made.inputs, outputs: made.outputs });
};

describe("networks", () => {
  test("are as asked for, with an automatic name, and go again", async () => {
    const made = await fixture.create(NETWORK, {
      internal: true,
      attachable: true,
      ipamConfigs: [
        {
          subnet: "10.213.78.0/24",
          gateway: "10.213.78.1",
          ipRange: "10.213.78.128/25",
          auxAddress: { router: "10.213.78.5" },
        },
      ],
      options: { "com.docker.network.bridge.enable_icc": "false" },
    });
    expect(made.outputs["name"]).toMatch(/^engine-test-[0-9a-f]{7}$/);
    expect(made.outputs["scope"]).toBe("local");
    expect(await docker.getNetwork(made.id).inspect()).toMatchObject({ Internal: true, Attachable: true });
    await unchanged(made);
    await fixture.delete(made);
    await fixture.delete(made);
    expect((await fixture.read(made)).id).toBe("");
  });

  test("of one name are not made twice, and a subnet that is taken is named", async () => {
    const name = fixture.name("net");
    await fixture.create(NETWORK, { name, ipamConfigs: [{ subnet: "10.213.79.0/24" }] });
    await expect(fixture.create(NETWORK, { name })).rejects.toThrow(
      new RegExp(`network ${name} cannot be created: .*already exists`),
    );
    const overlap = fixture.create(NETWORK, { name: fixture.name("n"), ipamConfigs: [{ subnet: "10.213.79.0/25" }] });
    await expect(overlap).rejects.toThrow(/subnets 10\.213\.79\.0\/25.*overlap/);
  });

  test("are deleted when the last container has gone", async () => {
    const network = await fixture.create(NETWORK, {});
    const container = await fixture.create(CONTAINER, {
      name: fixture.name("last"),
      image: BASE,
      networksAdvanced: [{ name: network.id }],
    });
    const [, ended] = await Promise.all([
      fixture.delete(network),
      new Promise((done) => setTimeout(done, 500)).then(() => fixture.delete(container)).then(() => true),
    ]);
    expect(ended).toBe(true);
    expect(await exists(docker.getNetwork(network.id).inspect())).toBe(false);
  });
});

describe("volumes", () => {
  test("are as asked for and go again", async () => {
    const made = await fixture.create(VOLUME, {
      name: fixture.name("v"),
      driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" },
    });
    expect(made.outputs).toMatchObject({ driver: "local", mountpoint: expect.stringContaining(made.name) as string });
    await unchanged(made);
    await fixture.delete(made);
    await fixture.delete(made);
    expect((await fixture.read(made)).id).toBe("");
  });

  test("that a running container uses are not deleted under it", async () => {
    const volume = await fixture.create(VOLUME, {});
    const container = await fixture.create(CONTAINER, {
      name: fixture.name("user"),
      image: BASE,
      volumes: [{ volumeName: volume.id, containerPath: "/v" }],
    });
    const [, ended] = await Promise.all([
      fixture.delete(volume),
      new Promise((done) => setTimeout(done, 500)).then(() => fixture.delete(container)).then(() => true),
    ]);
    expect(ended).toBe(true);
  });
});

describe("images", () => {
  const write = (name: string, text: string, mode = 0o644): void => {
    const path = join(fixture.folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  const tag = (word: string): string => `engine-test:${word}-${process.pid}`;
  const image = (name: string, build: JsonObject, more: JsonObject = {}) =>
    fixture.create(IMAGE, { name, build, ...more });

  test.each<[string, JsonObject]>([
    ["BuildKit", {}],
    ["the classic builder", { useLegacyBuilder: true }],
  ])(
    "%s builds from a folder, with arguments, a target, labels, modes and .dockerignore, from a base that no registry has",
    async (_, builder) => {
      write(
        "app/docker/Dockerfile",
        `FROM ${BASE} AS first\nARG WORD\nRUN echo $WORD >/word\nCOPY . /app\nFROM first AS second\nRUN echo second >/second\n`,
      );
      write("app/run.sh", "#!/bin/sh\necho ran\n", 0o755);
      write("app/secret/key", "k");
      write("app/.dockerignore", "secret\n");
      const name = tag(`built${Object.keys(builder).length}`);
      const made = await image(name, {
        context: "app",
        dockerfile: "docker/Dockerfile",
        buildArgs: { WORD: `w${process.pid}` },
        labels: { a: "b" },
        target: "first",
        tags: [tag("also")],
        ...builder,
      });
      const found = await docker.getImage(name).inspect();
      expect(made.id).toBe(`${found.Id}${name}`);
      expect(made.outputs).toMatchObject({ imageId: found.Id, repoDigest: "", name });
      expect(found.Config.Labels).toMatchObject({ a: "b" });
      expect(found.RepoTags.sort()).toEqual([tag("also"), name].sort());
      expect(
        fixture.log.some((line) => line.includes("RUN echo $WORD") || line.includes(`RUN echo w${process.pid}`)),
      ).toBe(true);
      await unchanged(made);

      const container = await fixture.create(CONTAINER, {
        name: fixture.name("run"),
        image: made.outputs["imageId"] ?? "",
        command: ["sleep", "600"],
      });
      expect(await run(container.id, "cat", "/word")).toBe(`w${process.pid}`);
      expect(await run(container.id, "/app/run.sh")).toBe("ran");
      expect(await run(container.id, "cat", "/app/secret/key")).toContain("No such file");
      expect(await run(container.id, "cat", "/second")).toContain("No such file");
      expect(container.outputs["image"]).toBe(found.Id);

      await expect(fixture.delete(made)).rejects.toThrow(new RegExp(`image ${name} cannot be removed: .*keepLocally`));
      await fixture.delete(container);
      await fixture.delete(made);
      expect(await exists(docker.getImage(name).inspect())).toBe(false);
      expect((await fixture.read(made)).id).toBe("");
    },
  );

  test.each<[string, JsonObject]>([
    ["BuildKit", {}],
    ["the classic builder", { useLegacyBuilder: true, forceRemove: true }],
  ])("%s: a failed build shows the failing step and its last lines", async (_, builder) => {
    write(
      "bad/Dockerfile",
      `FROM ${BASE}\nLABEL ${LABEL}=${process.pid}\nRUN echo fine\nRUN echo compiling; echo boom >&2; exit 9\n`,
    );
    const error = await image(tag("bad"), { context: "bad", ...builder }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^image ${tag("bad")} cannot be built from ${fixture.folder}/bad: `));
    expect(message).toMatch(/step: .*RUN echo compiling/);
    expect(message).toMatch(/its last lines:[^]*compiling[^]*boom|its last lines:[^]*boom[^]*compiling/);
    expect(message).not.toContain("fine\n");
    expect(await exists(docker.getImage(tag("bad")).inspect())).toBe(false);
  });

  test.each<[string, string, JsonObject, RegExp]>([
    ["a Dockerfile with a mistake", "FRMO x\n", {}, /unknown instruction: FRMO/i],
    ["a base that cannot be had", "FROM registry.invalid/none:1\n", {}, /registry\.invalid/],
    ["a target that is not there", `FROM ${BASE}\n`, { target: "nope" }, /nope/],
    [
      "a Dockerfile that is not there",
      "",
      { dockerfile: "Nope" },
      /build\.dockerfile: there is no file .*\/broken\/Nope/,
    ],
    ["a folder that is not there", "", { context: "nowhere" }, /build\.context: there is no folder .*\/nowhere/],
  ])("a build with %s says so", async (_, dockerfile, build, message) => {
    write("broken/Dockerfile", dockerfile);
    await expect(image(tag("broken"), { context: "broken", ...build })).rejects.toThrow(message);
  });

  test("keepLocally leaves an image, and one that another has taken the name of is not removed", async () => {
    write("keep/Dockerfile", `FROM ${BASE}\nRUN echo ${process.pid} >/one\n`);
    const kept = await image(tag("keep"), { context: "keep" }, { keepLocally: true });
    await fixture.delete(kept);
    expect(await exists(docker.getImage(tag("keep")).inspect())).toBe(true);

    write("keep/Dockerfile", `FROM ${BASE}\nRUN echo ${process.pid} >/first\n`);
    const first = await image(tag("name"), { context: "keep" }, { triggers: { version: "1" } });
    write("keep/Dockerfile", `FROM ${BASE}\nRUN echo ${process.pid} >/two\n`);
    const second = await image(tag("name"), { context: "keep" }, { triggers: { version: "2" } });
    expect((await fixture.diff(first, second.inputs)).replaces).toEqual(["triggers.version"]);
    await fixture.delete(first);
    expect(await exists(docker.getImage(text(first.outputs, "imageId")).inspect())).toBe(false);
    expect((await docker.getImage(tag("name")).inspect()).Id).toBe(second.outputs["imageId"]);
    // The same content under the same name: the replaced one's delete must leave the new one.
    const third = await image(tag("name"), { context: "keep" }, { triggers: { version: "3" } });
    expect(third.id).toBe(second.id);
    await fixture.delete(second);
    expect(await exists(docker.getImage(tag("name")).inspect())).toBe(true);
    await fixture.delete(third);
    expect(await exists(docker.getImage(tag("name")).inspect())).toBe(false);
  });

  test("a local image is taken as it is, without a registry", async () => {
    const made = await fixture.create(IMAGE, { name: BASE, keepLocally: true });
    expect(made.outputs["imageId"]).toBe((await docker.getImage(BASE).inspect()).Id);
    await unchanged(made);
    await fixture.delete(made);
    expect(await exists(docker.getImage(BASE).inspect())).toBe(true);
    await expect(fixture.create(IMAGE, { name: "registry.invalid/none:1" })).rejects.toThrow(
      /registry.invalid\/none:1 cannot be pulled: .*Build or load it/,
    );
  });
});
