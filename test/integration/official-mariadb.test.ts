/** What is run beside an official database image, on MariaDB's; a whole stack runs on MySQL's (image-overrides.test.ts). */
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { type ImageShape, officialMySql } from "../../components/official-mysql";
import { STACK_LABEL } from "../../contract/labels";
import { docker, execIn, removeByLabel } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { officialImage } from "../support/official-images";
import { mockPulumi, valueOf } from "../support/program";

const NAME = "test-official-mariadb";
const run = promisify(execFile);
let image: string;
let folder: string;
beforeAll(async () => {
  await mockPulumi();
  await removeByLabel(NAME);
  folder = fs.mkdtempSync(path.join(os.tmpdir(), `${NAME}-`));
  image = await officialImage("mariadb:11.8", "mysql/mariadb.Dockerfile");
  await docker.createVolume({ Name: NAME, Labels: { [STACK_LABEL]: NAME } });
});
afterAll(async () => {
  await removeByLabel(NAME);
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The component's container for this image with such a password, as arguments of `docker run`, and its health check. */
async function container(password: string): Promise<{ args: string[]; health: string[] }> {
  const secret = (text: string): pulumi.Output<string> => pulumi.secret(text);
  const shape: ImageShape = officialMySql({
    database: "wordpress",
    user: "wordpress",
    memoryMiB: 384,
    password: secret(password),
    rootPassword: secret(`${password}-root`),
  });
  const files = Object.entries(shape.files ?? {}).map(async ([file, content], index) => {
    const source = path.join(folder, `${password}-${index}`);
    fs.writeFileSync(source, await valueOf(pulumi.output(content)), { mode: 0o444 });
    return `${source}:${file}:ro`;
  });
  const [entrypoint = "", ...first] = shape.entrypoints ?? [];
  const environment = Object.entries(shape.environment as Record<string, string>);
  const args = [
    ...["--init", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--label", `${STACK_LABEL}=${NAME}`],
    ...environment.flatMap(([key, value]) => ["-e", `${key}=${value}`]),
    ...[...(await Promise.all(files)), `${NAME}:/var/lib/mysql`].flatMap((volume) => ["-v", volume]),
    ...["--user", shape.user ?? "", "--entrypoint", entrypoint, image, ...first, ...(shape.command ?? [])],
  ];
  return { args, health: shape.health?.command ?? [] };
}

test("without capabilities it fills an empty folder, and takes new passwords over what is kept", async () => {
  for (const password of ["first", "second"]) {
    const { args, health } = await container(password);
    const id = (await run("docker", ["run", "-d", ...args])).stdout.trim();
    await until("MariaDB is healthy", async () => (await execIn(id, health)).code === 0);
    const asRoot = ["mariadb", "-uroot", `-p${password}-root`, "-NBe", "SELECT Host FROM mysql.user WHERE User='root'"];
    expect((await execIn(id, asRoot)).output).not.toContain("%");
    await docker.getContainer(id).stop();
    expect((await docker.getContainer(id).inspect()).State.ExitCode).toBe(0);
  }
});

test("what MySQL wrote is refused by name, and nothing is changed in it", async () => {
  const inFolder = (...command: string[]): Promise<{ stdout: string }> =>
    run("docker", ["run", "--rm", "-v", `${NAME}:/var/lib/mysql`, "--entrypoint", "sh", image, "-c", ...command]);
  await inFolder("cd /var/lib/mysql && rm aria_log_control && touch mysql.ibd");
  const { stdout: before } = await inFolder("ls -lR --time-style=full-iso /var/lib/mysql");
  const { args } = await container("third");
  await expect(run("docker", ["run", "--rm", ...args])).rejects.toThrow(
    "images.mysql: /var/lib/mysql holds the data of MySQL, and this is MariaDB: set an image of MySQL",
  );
  expect((await inFolder("ls -lR --time-style=full-iso /var/lib/mysql")).stdout).toBe(before);
});
