/** Consul's API on a port of its own: what it answers for the service `wordpress` and for keys, as a test sets them. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";

export class FakeConsul implements AsyncDisposable {
  /** Of `/v1/health/service/wordpress`: JSON, or what should be. */
  health = "[]";
  /** @default none */
  readonly keys = new Map<string, string>();
  /** Of every answer. */
  status = 200;
  readonly asked: string[] = [];
  private readonly server = http.createServer((request, response) => this.answer(request.url ?? "", response));

  static async start(): Promise<FakeConsul> {
    const fake = new FakeConsul();
    await new Promise<void>((resolve) => fake.server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private answer(url: string, response: http.ServerResponse): void {
    this.asked.push(url);
    const answer = (status: number, body = "") =>
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    const key = decodeURIComponent(/^\/v1\/kv\/([^?]*)\?raw$/.exec(url)?.[1] ?? "");
    if (this.status !== 200) answer(this.status);
    else if (url === "/v1/health/service/wordpress") answer(200, this.health);
    else if (this.keys.has(key)) answer(200, this.keys.get(key));
    else answer(404);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
