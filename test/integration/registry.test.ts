/** Where a registry answers, as it does for most users, `npm start` pulls the three outside images and makes no stand-in. */
import { spawn } from "node:child_process";
import * as path from "node:path";
import { docker } from "../../lab/driver/stack";
import { Registry } from "../support/registry";

const lib = (name: string): string => JSON.stringify(path.join(__dirname, "../../scripts/lib", name));

/** Runs the set-up's own step, or what else there is in scripts/lib, with that engine. */
async function setUp(code: string, host: string): Promise<{ code: number | null; output: string }> {
  const script = `import { ensureImages, outsideImages } from ${lib("images.mjs")}; import { step } from ${lib("steps.mjs")}; ${code}`;
  const env = { ...process.env, DOCKER_HOST: host, CI: "true" };
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  return { code: await new Promise((resolve) => child.once("close", resolve)), output };
}

test("all three are pulled from the registry, once; none is a stand-in", async () => {
  await using registry = await Registry.start();
  const listed = await setUp("console.log(outsideImages.join())", "");
  const tags = listed.output.trim().split(",");
  expect(tags).toHaveLength(3);
  for (const tag of tags) registry.push(tag);
  const host = await registry.engine();

  const first = await setUp("await ensureImages(step)", host);
  expect(first).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^\[ok\] .*outside images: pull \(/) as string,
  });
  for (const tag of tags) expect(first.output).toContain(tag);
  expect(first.output).not.toMatch(/stand-in/);
  for (const tag of tags) {
    const [repository = "", name = ""] = tag.split(":");
    expect(registry.asked).toContain(
      `/v2/${repository.includes("/") ? "" : "library/"}${repository}/manifests/${name}`,
    );
  }

  const second = await setUp("await ensureImages(step)", host);
  expect(second.output).toMatch(/^\[ok\] .*outside images \(present\)\n$/);
  // The engine that the tests use has its own, as before.
  for (const tag of tags) expect((await docker.getImage(tag).inspect()).RepoTags).toContain(tag);
});
