/** A host with a proxy in its environment: what the engine, the program and the providers say to each other does not go there. */
import { symlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { Sandbox } from "../unit/commands/sandbox";

let sandbox: Sandbox;
let proxy: Server;
let asked = 0;
beforeEach(async () => {
  proxy = createServer((connection) => {
    asked += 1;
    connection.destroy();
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  sandbox = await Sandbox.make();
  symlinkSync(dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json")))), sandbox.path("node_modules"));
  await sandbox.write("package.json", JSON.stringify({ name: "program", main: "index.ts" }));
  await sandbox.write(
    "index.ts",
    `import * as pulumi from "@pulumi/pulumi";
     const provider = { create: async () => ({ id: "made", outs: {} }) };
     class Made extends pulumi.dynamic.Resource {
       constructor() { super(provider, "made", {}); }
     }
     export const id = new Made().id;`,
  );
});
afterEach(async () => {
  await sandbox.close();
  await new Promise((done) => proxy.close(done));
});

test.each(["http_proxy", "https_proxy", "grpc_proxy"])(
  "with %s set, a program with a provider of its own is deployed",
  async (name) => {
    const { port } = proxy.address() as { port: number };
    process.env[name] = `http://127.0.0.1:${port}`;
    process.env.no_proxy = ".lan";
    delete process.env.no_grpc_proxy;
    await sandbox.run("stack init dev");
    expect(await sandbox.run("up --yes")).toMatchObject({ code: 0 });
    expect((await sandbox.run("stack output id")).out).toBe("made\n");
    expect(asked).toBe(0);
  },
);
