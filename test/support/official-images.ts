/** Images built to the conventions of the official ones, from test/fixtures/official: none of the real ones can be had everywhere. */
import { execFile, spawn } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(__dirname, "../..");
const FIXTURES = "test/fixtures/official";
/** What the Dockerfiles take from the product: how packages are installed. */
const SHARED = ["images/shared", "images/nginx/add-sid"];

/**
 * Builds one and returns its tag. The classic builder is in every Docker CLI, BuildKit's is not; its context comes through a pipe, for
 * `.dockerignore` keeps test/ out of the product's.
 */
export async function officialImage(
  tag: string,
  dockerfile: string,
  buildArgs: Record<string, string> = {},
): Promise<string> {
  const reference = `wordpress-autoscaling-official/${tag}`;
  const tar = spawn("tar", ["-C", root, "-cf", "-", ...SHARED, FIXTURES], { stdio: ["ignore", "pipe", "inherit"] });
  const args = Object.entries(buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const build = promisify(execFile)(
    "docker",
    ["build", "-q", "-t", reference, "-f", `${FIXTURES}/${dockerfile}`, ...args, "-"],
    { env: { ...process.env, DOCKER_BUILDKIT: "0" } },
  );
  if (build.child.stdin === null) throw new Error("docker build takes no context");
  tar.stdout.pipe(build.child.stdin);
  await build;
  return reference;
}
