import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type Docker from "dockerode";
import { DockerCpu, ProcessCpu } from "./cpu";

const ID = "c0ffee".repeat(10);
let proc: string;
beforeEach(() => (proc = fs.mkdtempSync(path.join(os.tmpdir(), "proc-"))));
afterEach(() => fs.rmSync(proc, { recursive: true }));

/** A process as the kernel shows it: times in ticks. */
function process_(pid: number, [user, system, childUser, childSystem]: number[], children: number[], owner = ID): void {
  const folder = path.join(proc, String(pid));
  fs.mkdirSync(path.join(folder, "task", String(pid)), { recursive: true });
  fs.writeFileSync(
    path.join(folder, "mountinfo"),
    `1 2 0:1 /lib/containers/${owner}/hostname /etc/hostname rw - ext4 x rw\n`,
  );
  const times = [user, system, childUser, childSystem].join(" ");
  fs.writeFileSync(path.join(folder, "stat"), `${pid} (a ) name) S 1 1 1 0 -1 0 0 0 0 0 ${times} 20 0 1 0 99\n`);
  fs.writeFileSync(path.join(folder, "task", String(pid), "children"), children.map((child) => `${child} `).join(""));
}

test("the whole tree counts, and children that have ended", async () => {
  process_(10, [1, 2, 3, 4], [11, 12]);
  process_(11, [100, 50, 0, 0], [13]);
  process_(12, [200, 0, 0, 0], []);
  process_(13, [0, 40, 0, 0], [99]);
  const cpu = new ProcessCpu(() => Promise.resolve(10), proc);
  expect(await cpu.seconds(ID)).toBeCloseTo(4);
});

test("a process of another container, or of another machine, tells nothing", async () => {
  process_(10, [100, 0, 0, 0], [], "d".repeat(64));
  expect(await new ProcessCpu(() => Promise.resolve(10), proc).seconds(ID)).toBeUndefined();
  expect(await new ProcessCpu(() => Promise.resolve(77), proc).seconds(ID)).toBeUndefined();
});

test("a restarted container's first process is asked for anew", async () => {
  let first = 10;
  process_(10, [100, 0, 0, 0], []);
  const cpu = new ProcessCpu(() => Promise.resolve(first), proc);
  expect(await cpu.seconds(ID)).toBe(1);
  fs.rmSync(path.join(proc, "10"), { recursive: true });
  process_(20, [300, 0, 0, 0], []);
  first = 20;
  expect(await cpu.seconds(ID)).toBe(3);
});

test("real processes: a busy child's time is found", async () => {
  const busy = spawn(process.execPath, ["-e", "while (process.cpuUsage().user < 4e5);"]);
  await new Promise((resolve) => busy.once("close", resolve));
  const [, id = ""] = /\/([^/ ]+)\//.exec(fs.readFileSync(`/proc/${process.pid}/mountinfo`, "utf8")) ?? [];
  const seconds = await new ProcessCpu(() => Promise.resolve(process.pid)).seconds(id);
  expect(seconds).toBeGreaterThan(0.2);
});

describe("Docker's numbers", () => {
  const dockerSaying = (nanoseconds: number, asked: { times: number }): Docker =>
    ({
      getContainer: () => ({
        stats: () => {
          asked.times += 1;
          return Promise.resolve({ cpu_stats: { cpu_usage: { total_usage: nanoseconds } } });
        },
      }),
    }) as unknown as Docker;

  test("are taken where there are any", async () => {
    const cpu = new DockerCpu(dockerSaying(2.5e9, { times: 0 }), {
      seconds: () => Promise.reject(new Error("not asked")),
    });
    expect(await cpu.seconds(ID)).toBe(2.5);
  });

  test("a daemon that says 0 of a process that has used time is not asked again", async () => {
    const asked = { times: 0 };
    const cpu = new DockerCpu(dockerSaying(0, asked), { seconds: () => Promise.resolve(7) });
    expect([await cpu.seconds(ID), await cpu.seconds(ID)]).toEqual([7, 7]);
    expect(asked.times).toBe(1);
  });

  test("0, and nobody else who can tell, is a missing number", async () => {
    const cpu = new DockerCpu(dockerSaying(0, { times: 0 }), { seconds: () => Promise.resolve(undefined) });
    expect(await cpu.seconds(ID)).toBeUndefined();
  });
});
