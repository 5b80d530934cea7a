/** A Docker engine's API on a socket of its own, with the containers and volumes that a test gives it; DOCKER_HOST leads there. */
import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";

export interface FakeContainer {
  id: string;
  name: string;
  role: string;
  state?: string;
  health?: string;
  /** Network to address. */
  addresses?: Record<string, string>;
  /** Where port 8500 is published on the host. */
  consulPort?: number;
  /** What `logs` gives: [1 for stdout or 2 for stderr, text]. */
  log?: [number, string][];
  /** It is listed, and gone when it is asked for. */
  isGone?: boolean;
  /** What a command that is run in it writes. */
  execOutput?: string;
}

export class FakeDocker implements AsyncDisposable {
  readonly removed: string[] = [];
  /** Method and path of each request, without its query. */
  readonly asked: string[] = [];
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "fake-docker-"));
  private readonly server = http.createServer((request, response) => this.answer(request, response));
  private readonly before = process.env.DOCKER_HOST;

  private constructor(
    private readonly stack: string,
    readonly containers: FakeContainer[],
    private readonly volumes: string[],
  ) {}

  static async start(stack: string, containers: FakeContainer[], volumes: string[] = []): Promise<FakeDocker> {
    const fake = new FakeDocker(stack, containers, volumes);
    const socket = path.join(fake.folder, "docker.sock");
    await new Promise<void>((resolve) => fake.server.listen(socket, resolve));
    process.env.DOCKER_HOST = `unix://${socket}`;
    return fake;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://docker");
    this.asked.push(`${request.method ?? ""} ${pathname}`);
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    const [, kind = "", id = "", action = ""] = pathname.split("/");
    const { label = [] } = JSON.parse(searchParams.get("filters") ?? "{}") as { label?: string[] };
    const isOfStack = label.includes(`${STACK_LABEL}=${this.stack}`);
    const container = this.containers.find((one) => one.id === id);
    if (pathname === "/containers/json") {
      const role = label.find((one) => one.startsWith(`${ROLE_LABEL}=`))?.slice(ROLE_LABEL.length + 1);
      const listed = this.containers.filter((one) => isOfStack && (role ?? one.role) === one.role);
      json(listed.map((one) => this.listed(one)));
    } else if (pathname === "/volumes")
      json({ Volumes: isOfStack && this.volumes.length > 0 ? this.volumes.map((Name) => ({ Name })) : null });
    else if (kind === "volumes" && request.method === "DELETE") {
      this.removed.push(id);
      response.writeHead(204).end();
    } else if (kind === "exec" && action === "start") {
      request.resume();
      response.writeHead(200).end(frame(1, this.containers.find((one) => one.id === id)?.execOutput ?? ""));
    } else if (kind === "exec") json({ ExitCode: 0 });
    else if (container === undefined || container.isGone === true) json({ message: `No such container: ${id}` }, 404);
    else if (action === "json") json(this.inspected(container));
    else if (action === "logs") {
      const tail = searchParams.get("tail");
      const frames = (container.log ?? []).slice(tail === null ? 0 : -Number(tail));
      response.writeHead(200).end(Buffer.concat(frames.map(([stream, text]) => frame(stream, text))));
    } else if (action === "exec") json({ Id: id }, 201);
    else json({ message: `the fake Docker does not know ${pathname}` }, 501);
  }

  private labels({ role }: FakeContainer): Record<string, string> {
    return { [STACK_LABEL]: this.stack, [ROLE_LABEL]: role };
  }

  private listed(one: FakeContainer): object {
    const { id, name, state = "running" } = one;
    return { Id: id, Names: [`/${name}`], Labels: this.labels(one), State: state, Status: state };
  }

  private inspected(one: FakeContainer): object {
    const { id, name, state = "running", health, addresses = {}, consulPort } = one;
    const networks = Object.entries(addresses).map(([network, IPAddress]) => [network, { IPAddress }]);
    return {
      Id: id,
      Name: `/${name}`,
      State: { Status: state, ...(health !== undefined && { Health: { Status: health } }) },
      Config: { Labels: this.labels(one) },
      NetworkSettings: {
        Ports: consulPort === undefined ? {} : { "8500/tcp": [{ HostIp: "127.0.0.1", HostPort: String(consulPort) }] },
        Networks: Object.fromEntries(networks) as object,
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = this.before;
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Docker's framing of a container's two outputs in one stream. */
function frame(stream: number, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}
