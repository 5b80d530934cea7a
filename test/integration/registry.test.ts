/** Where a registry answers, as it does for most users, `npm start` pulls the three outside images and makes no stand-in. */
import { callScript } from "../../lab/driver/script-call";
import { docker } from "../../lab/driver/stack";
import { Registry } from "../support/registry";

/** The set-up's own step, with that engine. */
const ensureImages = (host: string) =>
  callScript("images.mjs", "ensureImages", [], { ...process.env, DOCKER_HOST: host, CI: "true" });

test("all three are pulled from the registry, once; none is a stand-in", async () => {
  await using registry = await Registry.start();
  const tags = (await callScript("images.mjs", "outsideImages")).value as string[];
  expect(tags).toHaveLength(3);
  for (const tag of tags) registry.push(tag);
  const host = await registry.engine();

  const first = await ensureImages(host);
  expect(first.error).toBeUndefined();
  expect(first.output).toMatch(/^\[ok\] .*outside images: pull \(/);
  for (const tag of tags) expect(first.output).toContain(tag);
  expect(first.output).not.toMatch(/stand-in/);
  for (const tag of tags) {
    const [repository = "", name = ""] = tag.split(":");
    expect(registry.asked).toContain(
      `/v2/${repository.includes("/") ? "" : "library/"}${repository}/manifests/${name}`,
    );
  }

  const second = await ensureImages(host);
  expect(second.output).toMatch(/^\[ok\] .*outside images \(present\)\n$/);
  // The engine that the tests use has its own, as before.
  for (const tag of tags) expect((await docker.getImage(tag).inspect()).RepoTags).toContain(tag);
});
