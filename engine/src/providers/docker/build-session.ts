/**
 * The connection over which BuildKit asks back during a build: whether the client is still there, and for a registry's login.
 * Without the health service BuildKit gives the session up after some seconds, and a longer build then fails at its next pull.
 */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import type Docker from "dockerode";
import type { RegistryLogin } from "./registry-login";
import { encodeTexts, wireFields } from "./protobuf";

export interface BuildSession {
  readonly id: string;
  close(): void;
}

const HEALTH = "/grpc.health.v1.Health/Check";
const CREDENTIALS = "/moby.filesync.v1.Auth/Credentials";
/** HealthCheckResponse with status SERVING (field 1 = 1). */
const SERVING = Buffer.from([8, 1]);

const asIs = (bytes: Buffer): Buffer => bytes;
const method = (path: string): grpc.MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

export async function openSession(
  docker: Docker,
  login: (registry: string) => RegistryLogin | undefined,
): Promise<BuildSession> {
  const id = randomUUID();
  const socket = await dial(docker, id);
  const server = new grpc.Server();
  const check: grpc.handleUnaryCall<Buffer, Buffer> = (_call, answer) => answer(null, SERVING);
  const credentials: grpc.handleUnaryCall<Buffer, Buffer> = (call, answer) => {
    const [host] = wireFields(call.request);
    const found = host === undefined ? undefined : login(host.bytes.toString("utf8"));
    answer(null, found === undefined ? Buffer.alloc(0) : encodeTexts({ 1: found.username, 2: found.password }));
  };
  server.addService({ check: method(HEALTH) }, { check });
  server.addService({ credentials: method(CREDENTIALS) }, { credentials });
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  injector.injectConnection(socket);
  // The daemon may hang up first.
  socket.on("error", () => undefined);
  return {
    id,
    close: () => {
      injector.destroy();
      server.forceShutdown();
      socket.destroy();
    },
  };
}

function dial(docker: Docker, id: string): Promise<Duplex> {
  return new Promise((done, failed) => {
    const options = {
      path: "/session",
      method: "POST",
      hijack: true,
      headers: {
        Upgrade: "h2c",
        "X-Docker-Expose-Session-Uuid": id,
        "X-Docker-Expose-Session-Name": "pulumi",
        "X-Docker-Expose-Session-Grpc-Method": [CREDENTIALS, HEALTH],
      },
      statusCodes: { 200: true },
    };
    docker.modem.dial(options, (error: Error | null, socket: unknown) => {
      if (error === null) done(socket as Duplex);
      else failed(error);
    });
  });
}
