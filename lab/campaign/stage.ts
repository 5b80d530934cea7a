import { ROLE_LABEL } from "../../contract/labels";
import { pause } from "../../services/kit/pause";
import { docker, execIn, runOps, type ContainerInfo, type TestStack } from "../driver/stack";
import { until } from "../driver/until";
import type { CampaignProgram } from "./campaign-program";
import { restartDaemon } from "./daemon";
import type { Loss } from "./judge";
import { nowMs } from "./load/clock";
import { isAtRest } from "./observe/at-rest";
import { type ReloaderLine, reloaderLines } from "./observe/reloader-log";

/** After a fault is over, Docker, Consul and nginx must agree again within this time. */
export const RECOVERY_LIMIT_MS = 30_000;

/** What scenes do to the stack. */
export class Stage {
  /** Replicas that ended without warning, of the scene that is played. */
  losses: Loss[] = [];
  /** How many there are to be. */
  private replicas = 2;

  constructor(
    readonly stack: TestStack,
    private readonly program: CampaignProgram,
    /** Says what is being done. */
    readonly say: (what: string) => void,
  ) {}

  async scale(replicas: number): Promise<void> {
    this.say(`to ${replicas}`);
    this.replicas = replicas;
    await this.stack.scale(replicas);
  }

  /** Rolls out a new release of the site's code. */
  async update(release: number): Promise<void> {
    this.say(`release ${release}`);
    this.program.release(release);
    await this.stack.up();
  }

  /** The first of the role's containers. */
  container(role: string): Promise<ContainerInfo> {
    return this.stack.container(role);
  }

  /** Ends it without warning, and returns when it has ended. Docker does not start it again by itself. */
  async kill(container: ContainerInfo): Promise<void> {
    this.say(`kill ${container.Name.slice(1)}`);
    await docker.getContainer(container.Id).kill();
    if (container.Config.Labels[ROLE_LABEL] !== "wordpress") return;
    this.losses.push({ address: this.addressOf(container), atMs: nowMs() });
  }

  /** `docker stop`, with as much time as the container was given when it was made. */
  async stop(container: ContainerInfo): Promise<void> {
    this.say(`stop ${container.Name.slice(1)}`);
    await docker.getContainer(container.Id).stop({ t: 80 });
  }

  async start(container: ContainerInfo): Promise<void> {
    this.say(`start ${container.Name.slice(1)}`);
    await docker.getContainer(container.Id).start();
  }

  async pauseFor(container: ContainerInfo, ms: number): Promise<void> {
    this.say(`pause ${container.Name.slice(1)} for ${ms / 1000} s`);
    await docker.getContainer(container.Id).pause();
    await pause(ms);
    await docker.getContainer(container.Id).unpause();
  }

  /** Stops every process of Apache for a while, unknown to Docker: connections are made, and nothing answers. */
  async hangFor(container: ContainerInfo, ms: number): Promise<void> {
    this.say(`hang ${container.Name.slice(1)} for ${ms / 1000} s`);
    // One of its processes may end, or a new one begin, between the look and the signal: hence a second look, and no complaint.
    const once = (name: string): string =>
      `for pid in $(grep -lsxzF apache2 /proc/[0-9]*/cmdline | cut -d/ -f3); do kill -${name} $pid; done 2>/dev/null`;
    const signal = (name: string) => this.exec(container, ["sh", "-c", `${once(name)}; ${once(name)}; true`]);
    try {
      await signal("STOP");
      await pause(ms);
    } finally {
      await signal("CONT");
    }
  }

  /** Empties Consul's data under it and kills it: it comes back knowing nothing. */
  async wipeConsul(): Promise<void> {
    const consul = await this.container("consul");
    this.say("wipe Consul's data");
    await this.exec(consul, ["sh", "-c", "rm -rf /consul/data/*"]);
    await docker.getContainer(consul.Id).kill();
    await pause(2_000);
    await this.start(consul);
  }

  async restartDaemon(): Promise<void> {
    this.say("restart Docker's daemon");
    await restartDaemon();
  }

  async reload(times: number, everyMs: number): Promise<void> {
    const nginx = await this.container("nginx");
    this.say(`${times} reloads`);
    for (let count = 0; count < times; count++) {
      await docker.getContainer(nginx.Id).kill({ signal: "HUP" });
      await pause(everyMs);
    }
  }

  /**
   * How long it takes until `npm run status` finds Docker, Consul and nginx of one mind, and every replica healthy and routed;
   * undefined: longer than the limit.
   */
  async agreement(limitMs = RECOVERY_LIMIT_MS): Promise<number | undefined> {
    const began = nowMs();
    const agree = async () => {
      const { stdout, output } = await runOps("status", ["--stack", this.stack.name, "--json"], this.stack.env);
      const agreed = isAtRest(stdout, this.replicas);
      if (!agreed) this.disagreement = output;
      return agreed;
    };
    return until("agreement", agree, { limitMs, pauseMs: 300 }).then(
      () => nowMs() - began,
      () => undefined,
    );
  }
  /** What `npm run status` said when it last found them of different minds. */
  disagreement = "";

  /** Runs SQL as the site does. */
  async query(sql: string): Promise<string> {
    const { Id } = await this.container("mysql");
    const { code, output } = await execIn(Id, ["mariadb", "--defaults-file=/run/mysqld/healthy.cnf", "-NBe", sql]);
    if (code !== 0) throw new Error(`the database refuses ${sql}: ${output}`);
    return output;
  }

  /** nginx's access log since then. */
  async accessLog(sinceMs: number): Promise<string> {
    const { Id } = await this.container("nginx");
    const since = Math.floor(sinceMs / 1000);
    return (await docker.getContainer(Id).logs({ stdout: true, since })).toString("latin1");
  }

  /** The lines of the reloader's log since then. */
  async reloaderLog(sinceMs: number): Promise<ReloaderLine[]> {
    const { Id } = await this.container("consul-template");
    const since = Math.floor(sinceMs / 1000);
    return reloaderLines((await docker.getContainer(Id).logs({ stdout: true, since })).toString("utf8"), sinceMs);
  }

  private addressOf({ NetworkSettings }: ContainerInfo): string {
    return `${NetworkSettings.Networks[`${this.stack.name}-frontend`]?.IPAddress ?? ""}:80`;
  }

  private async exec({ Id, Name }: ContainerInfo, command: string[]): Promise<void> {
    const { code, output } = await execIn(Id, command);
    if (code !== 0) throw new Error(`${command.join(" ")} in ${Name.slice(1)} ended with ${code}: ${output}`);
  }
}
