/**
 * CPU of a container. Docker's own statistics come from cgroups; where the daemon cannot read those they say 0, and the kernel's
 * account of the container's processes is read instead, if they are processes of this machine.
 */
import * as fs from "node:fs/promises";
import type Docker from "dockerode";

/** Ticks a second of /proc/<pid>/stat: USER_HZ, 100 on every Linux of today. */
const TICKS = 100;

export interface CpuSource {
  /** CPU time that the container's processes have used so far; undefined when nobody can tell. */
  seconds(containerId: string): Promise<number | undefined>;
}

export class DockerCpu implements CpuSource {
  /** Docker has said 0 for a container whose processes have used time: its statistics are not to be had here. */
  private isBlind = false;

  constructor(
    private readonly docker: Docker,
    private readonly processes: CpuSource,
  ) {}

  async seconds(containerId: string): Promise<number | undefined> {
    if (!this.isBlind) {
      const stats = await this.docker.getContainer(containerId).stats({ stream: false, "one-shot": true });
      const nanoseconds = stats.cpu_stats.cpu_usage.total_usage;
      if (nanoseconds > 0) return nanoseconds / 1e9;
    }
    const seconds = await this.processes.seconds(containerId);
    this.isBlind ||= seconds !== undefined && seconds > 0;
    return seconds;
  }
}

/** Adds up a container's process tree, from its first process down. What `docker exec` and health checks run is not in it. */
export class ProcessCpu implements CpuSource {
  private readonly pids = new Map<string, number>();

  constructor(
    /** Docker's number of the container's first process. */
    private readonly firstPid: (containerId: string) => Promise<number>,
    private readonly proc = "/proc",
  ) {}

  async seconds(containerId: string): Promise<number | undefined> {
    const known = this.pids.get(containerId);
    const pid = known !== undefined && (await this.isOf(known, containerId)) ? known : await this.firstPid(containerId);
    // The daemon may count other processes than we see: a number alone proves nothing.
    if (!(await this.isOf(pid, containerId))) return undefined;
    this.pids.set(containerId, pid);
    return this.tree(pid);
  }

  /** Docker mounts files from a folder of the container's name into it, such as /etc/hostname. */
  private async isOf(pid: number, containerId: string): Promise<boolean> {
    return (await this.read(`${pid}/mountinfo`)).includes(`/${containerId}/`);
  }

  /** A process's own time and that of its ended children, and the same of its living ones. */
  private async tree(pid: number): Promise<number> {
    const stat = await this.read(`${pid}/stat`);
    // "pid (name) state ppid …": the name may hold anything. utime, stime, cutime, cstime are fields 14 to 17.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const threads = await fs.readdir(`${this.proc}/${pid}/task`).catch(() => []);
    const lists = await Promise.all(threads.map((thread) => this.read(`${pid}/task/${thread}/children`)));
    const children = lists.flatMap((list) => list.split(" ").filter((text) => text !== ""));
    const below = await Promise.all(children.map((child) => this.tree(Number(child))));
    return below.reduce((sum, seconds) => sum + seconds, ticks / TICKS);
  }

  /** "" for a process that has ended, or is not ours to look at. */
  private read(file: string): Promise<string> {
    return fs.readFile(`${this.proc}/${file}`, "utf8").catch(() => "");
  }
}
