import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as ts from "typescript";

/** Logs until its input ends, which says that its output has been closed; then logs once more and exits with 7. */
const SERVICE = `
  const log = require("./log.cjs").jsonLog("test");
  log.info("started");
  process.stdin.resume().on("end", () => {
    log.info("to nobody");
    setTimeout(() => {
      log.info("to nobody again");
      setTimeout(() => process.exit(7), 50);
    }, 50);
  });`;

test("a closed standard output loses log lines, but does not end the service", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "log-"));
  try {
    const source = fs.readFileSync(path.join(__dirname, "log.ts"), "utf8");
    const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
    fs.writeFileSync(path.join(folder, "log.cjs"), outputText);
    const service = spawn(process.execPath, ["-e", SERVICE], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(service, "exit");
    await once(service.stdout, "data");
    const closed = once(service.stdout, "close");
    service.stdout.destroy();
    await closed;
    service.stdin.end();
    expect(await exited).toEqual([7, null]);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
