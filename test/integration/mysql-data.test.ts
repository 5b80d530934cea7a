/** What MySQL's entrypoint does to a data folder: it begins an empty one, goes on with its own, and destroys nothing. */
import { docker as dockerode } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { pause } from "../../services/kit/pause";
import { builtImage, docker } from "../../services/test/real-stack";

const name = `test-mysql-data-${process.pid}`;
let image: string;
beforeAll(async () => {
  image = await builtImage("mysql");
});
beforeEach(() => docker("volume", "create", "--label", "wordpress-autoscaling.stack=test-mysql-data", name));
afterEach(async () => {
  await docker("rm", "-fv", name).catch(() => undefined);
  await docker("volume", "rm", name);
});

/** All names, sizes and contents. */
const LISTING = "find . -printf '%p %y %s\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum";
const environment = ["MYSQL_DATABASE=site", "MYSQL_USER=site", "MYSQL_PASSWORD=s", "MYSQL_ROOT_PASSWORD=r"];
/** Starts the database on the volume, with Docker's init process as the stack has it. */
const start = (): Promise<string> =>
  docker(
    ...["run", "-d", "--init", "--name", name, "--network", "none", "-v", `${name}:/var/lib/mysql`],
    ...environment.flatMap((one) => ["-e", one]),
    image,
  );
const remove = (): Promise<string> => docker("rm", "-f", name);
const sql = (statement: string): Promise<string> => docker("exec", name, "mariadb", "-uroot", "-pr", "-NBe", statement);
const healthy = (): Promise<unknown> =>
  until("the database answers", async () => (await docker("exec", name, "healthy")) === "1", { limitMs: 120_000 });
/** A shell beside the database's user, on the volume alone. */
const inVolume = (script: string, user = "mysql"): Promise<string> =>
  docker(
    ...["run", "--rm", "--network", "none", "-v", `${name}:/var/lib/mysql`, "-w", "/var/lib/mysql", "-u", user],
    ...["--entrypoint", "bash", image, "-ec", script],
  );
/** Stops the database as `up` does. */
const stop = async (): Promise<void> => {
  await docker("stop", "-t", "60", name);
  await remove();
};
/** Starts it, and returns what it says when it has ended by itself. */
const refusal = async (): Promise<string> => {
  await start();
  const state = (field: string): Promise<string> => docker("inspect", "-f", `{{.State.${field}}}`, name);
  await until("the container has ended", async () => (await state("Running")) === "false", { limitMs: 60_000 });
  expect(await state("ExitCode")).toBe("1");
  const said = await dockerode.getContainer(name).logs({ stdout: true, stderr: true, follow: false });
  await remove();
  return said.toString("utf8");
};
/** A post that has to be there later. */
const write = (): Promise<string> =>
  sql("CREATE TABLE site.posts (title TEXT); INSERT INTO site.posts VALUES ('kept')");
const written = (): Promise<string> => sql("SELECT title FROM site.posts");

test("data without the folder mysql/ survives, and the container says what to do", async () => {
  await inVolume("mkdir shop; echo precious >shop/orders.ibd; echo more >ibdata1");
  const before = await inVolume(LISTING);
  const said = await refusal();
  expect(said).toMatch(/no folder mysql\/.*ibdata1 shop.*Nothing was deleted.*\n.*(Restore|empty)/);
  expect(await inVolume(LISTING)).toBe(before);
  // The same when the first initialisation of an older version of this project was cut short over it.
  await inVolume("mkdir .new; echo half >.new/ibdata1");
  expect(await refusal()).toContain("Nothing was deleted");
  expect(await inVolume("rm -r .new; " + LISTING)).toBe(before);
});

test("an empty volume with the lost+found of a fresh ext4 is begun, and that is no database", async () => {
  await inVolume("mkdir -m 700 lost+found; chown root:root lost+found", "root");
  await start();
  await healthy();
  expect((await sql("SHOW DATABASES")).split("\n").sort()).toEqual(
    ["information_schema", "mysql", "performance_schema", "site", "sys"].sort(),
  );
});

test("a first start that is killed at any moment is begun anew, or goes on", async () => {
  for (const afterMs of [200, 500, 800, 1100, 1500, 2500]) {
    await start();
    await pause(afterMs);
    await docker("kill", "-s", "KILL", name);
    await remove();
  }
  await start();
  await healthy();
  await write();
  expect(await written()).toBe("kept");
  expect(await inVolume("ls -A")).not.toMatch(/^\.new/m);
});

test("a first data folder that is half in place is moved on, and one that is only half made is made anew", async () => {
  await start();
  await healthy();
  await write();
  await stop();
  // As it is when the move was cut short: some are in place, the rest is not.
  await inVolume("mkdir .new; touch .new/.whole; mv mysql sys ib_logfile0 .new/");
  await start();
  await healthy();
  expect(await written()).toBe("kept");
  await stop();
  // As it is when all but the cleaning was done.
  await inVolume("mkdir .new; touch .new/.whole");
  await start();
  await healthy();
  expect(await written()).toBe("kept");
  await stop();
  // Something foreign lies where a file has to go: it stays.
  await inVolume("mkdir .new; touch .new/.whole; mv mysql .new/; cp ibdata1 .new/");
  const before = await inVolume(LISTING);
  expect(await refusal()).toMatch(/ibdata1 is in the way.*Nothing was deleted/);
  expect(await inVolume(LISTING)).toBe(before);
  // No more than a half-made folder of our own: nothing to lose.
  await inVolume("find . -mindepth 1 -delete; mkdir -p .new/mysql; echo half >.new/ibdata1");
  await start();
  await healthy();
});

test("a data folder that an older version of this project has made just starts", async () => {
  // Its initialisation: install aside, move all but mysql/, then mysql/, then remove the folder.
  await inVolume(`
    mariadb-install-db --datadir="$PWD/.new" --skip-test-db --auth-root-authentication-method=normal --skip-log-bin >/dev/null
    find "$PWD/.new" -mindepth 1 -maxdepth 1 ! -name mysql -exec mv -t "$PWD" {} +
    mv .new/mysql mysql`);
  // It was killed before it could remove the empty folder, at worst.
  await start();
  await healthy();
  await write();
  await stop();
  await start();
  await healthy();
  expect(await written()).toBe("kept");
});

test("no account is without a password, in a data folder from an earlier release either", async () => {
  const accounts = (): Promise<string> => sql("SELECT CONCAT(User, '@', Host) FROM mysql.global_priv ORDER BY 1");
  const withoutPassword = (): Promise<string> =>
    docker("exec", name, "sh", "-c", "mariadb -h 127.0.0.1 -u root -e 'SELECT 1' 2>&1 || echo refused");
  await start();
  await healthy();
  expect((await accounts()).split("\n")).toEqual(["mariadb.sys@localhost", "root@localhost", "site@%"]);
  expect(await withoutPassword()).toMatch(/Access denied[^]*refused/);
  // As earlier releases left it, and an account that an operator has made.
  await sql("CREATE USER 'root'@'127.0.0.1'; CREATE USER 'root'@'10.0.0.1' IDENTIFIED BY 'own'");
  await stop();
  await start();
  await healthy();
  expect((await accounts()).split("\n")).toEqual([
    "mariadb.sys@localhost",
    "root@10.0.0.1",
    "root@localhost",
    "site@%",
  ]);
});
