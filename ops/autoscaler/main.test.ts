import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runCommand } from "../../test/support/command";
import { main } from "./main";

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "autoscale-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

test.each([
  [["--dry-runs"], "Unknown option --dry-runs"],
  [["draw"], "Usage: npm run autoscale"],
  [["--metrics-port", "0"], 'not a valid port: "0"; give a whole number from 1 to 65535.'],
  [["--metrics-port", "65536"], 'not a valid port: "65536"'],
  [["plot"], "There is no decision of stack dev in "],
])("refuses %j", async (args, message) => {
  const { code, error } = await runCommand(main, args, { stateFolder: folder, stacksFolder: undefined });
  expect(code).toBe(1);
  expect(error).toContain(message);
});

test("plots the log of decisions beside the state", async () => {
  const decision = {
    time: "2026-01-01T00:00:00.000Z",
    kind: "decision",
    current: 2,
    replicas: 3,
    wishes: [{ metric: "requests", target: 4, value: 6, replicas: 3 }],
    samples: { replicas: [], requestsInFlight: 12 },
  };
  fs.mkdirSync(path.join(folder, "autoscaler"));
  fs.writeFileSync(path.join(folder, "autoscaler/prod.jsonl"), `${JSON.stringify(decision)}\n`);
  const file = path.join(folder, "prod.svg");
  const args = ["plot", "--stack", "prod", "--out", file];
  const { code, stdout } = await runCommand(main, args, { stateFolder: folder, stacksFolder: undefined });
  expect(code).toBe(0);
  expect(stdout).toBe(`${file}\n`);
  expect(fs.readFileSync(file, "utf8")).toContain("stack prod, 2026-01-01 00:00:00");
});
