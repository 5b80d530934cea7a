/** A new revision beside the old: said at preview, refused when it never gets ready, and a stop that is announced. By both engines. */
import { spawnSync } from "node:child_process";
import { ProgramCopy } from "../../lab/driver/program-copy";
import { TestStack, docker, runOps } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { visitors } from "../support/visitors";

const hasCli = spawnSync("pulumi", ["version"]).status === 0;
if (!hasCli) console.log("no pulumi on PATH: the Pulumi CLI's part of this file was not run");

describe.each(["embedded", ...(hasCli ? ["cli"] : [])])("by the engine %s", (engine) => {
  let program: ProgramCopy;
  let stack: TestStack;
  beforeAll(async () => {
    program = new ProgramCopy();
    stack = await TestStack.create(
      `test-rollout-${engine}`,
      7,
      { drainSeconds: "120", maxRequestSeconds: "20" },
      { engine, program: program.folder },
    );
    await stack.up();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    program[Symbol.dispose]();
  });

  test("a revision that never gets ready fails up with its health check's and its log's words, and the old set serves on", async () => {
    const before = await stack.servedBy();
    const idle = await stack.run("preview");
    expect(idle.output).not.toContain("of WordPress replaces");
    // The installer, on the command line, does not mind it.
    program.mustUse(
      "never.php",
      "<?php if (PHP_SAPI !== 'cli') throw new RuntimeException('no page of this release');",
    );
    const preview = await stack.run("preview");
    expect(preview.output).toMatch(/of WordPress replaces [0-9a-f]{8}: its 2 replicas start beside the 2 running ones/);
    expect(preview.output).toMatch(/room needed for 4 replicas: up to 1024 MiB more memory, 2048 MiB in all/);

    const visited = visitors(stack.site, 2);
    const failed = await stack.try(["up", "--yes", "--skip-preview"]);
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/2 of 2 replicas are not ready after \d+ s; nothing was taken away/);
    expect(failed.output).toMatch(/wordpress-[0-9a-f]{8}-\d: running, unhealthy/);
    expect(failed.output).toMatch(/last health check \(1\): the front page: HTTP\/1\.[01] 500/);
    expect(failed.output).toMatch(/its last lines:[^]*no page of this release/);
    expect(await stack.servedBy()).toEqual(before);

    program.remove("never.php");
    await stack.up();
    expect((await visited.end()).failed).toEqual([]);
    expect(await stack.servedBy()).toEqual(before);
    expect((await stack.containers("wordpress")).map(({ Name }) => Name.slice(1)).sort()).toEqual(before);
    expect(await runOps("status", ["--stack", stack.name], stack.env)).toMatchObject({ code: 0 });
  });

  test("a stop by hand takes as long as nginx needs, not drainSeconds, and costs no request", async () => {
    const [victim] = await stack.containers("wordpress");
    if (victim === undefined) throw new Error("no replica");
    const visited = visitors(stack.site, 4);
    await until("the victim serves", async () => (await stack.servedBy()).includes(victim.Name.slice(1)));
    const start = performance.now();
    // Without a time of ours: Docker takes the container's own, which has to cover the drain.
    await docker.getContainer(victim.Id).stop();
    const tookSeconds = (performance.now() - start) / 1000;
    const { State } = await docker.getContainer(victim.Id).inspect();
    const { asked, failed } = await visited.end();
    expect({ failed, exit: State.ExitCode }).toEqual({ failed: [], exit: 0 });
    expect(asked).toBeGreaterThan(10);
    expect(tookSeconds).toBeLessThan(60);
    await docker.getContainer(victim.Id).start();
    await until("both are routed again", async () => (await stack.applied())?.members.length === 2);
  });
});
