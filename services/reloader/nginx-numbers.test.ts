import { appendFile, chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NginxNumbers, parseStubStatus } from "./nginx-numbers";
import { parseTiming, TimingsFile, type Timing } from "./timings";

const STUB = `Active connections: 7 \nserver accepts handled requests\n 40 39 311 \nReading: 1 Writing: 4 Waiting: 2`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "timings-"));
});
afterEach(() => rm(folder, { recursive: true }));

const made = async (): Promise<TimingsFile> => {
  const file = new TimingsFile(join(folder, "timings.log"));
  await file.ensure();
  return file;
};
const readAll = async (file: TimingsFile): Promise<Timing[]> => {
  const seen: Timing[] = [];
  await file.read((timing) => seen.push(timing));
  return seen;
};

test("stub_status is parsed, other text is not", () => {
  expect(parseStubStatus(STUB)).toEqual({
    ...{ active: 7, accepted: 40, handled: 39, requests: 311 },
    ...{ reading: 1, writing: 4, waiting: 2 },
  });
  expect(parseStubStatus("")).toBeUndefined();
  expect(parseStubStatus("<html>404 Not Found</html>")).toBeUndefined();
});

test.each([
  ["200 0.012", { status: "200", upstreamSeconds: 0.012 }],
  ["404 -", { status: "404", upstreamSeconds: undefined }],
  ["503 2.000, 0.500", { status: "503", upstreamSeconds: 2.5 }],
  ["200 -, 0.500 : 1.000", { status: "200", upstreamSeconds: 1.5 }],
  ["00 0.012", undefined],
  ["", undefined],
])("a line %j", (line, timing) => {
  expect(parseTiming(line)).toEqual(timing);
});

test("appended lines are read once, even when they arrive in pieces", async () => {
  const file = await made();
  await appendFile(file.path, "200 0.1\n200 0.");
  expect(await readAll(file)).toHaveLength(1);
  await appendFile(file.path, "25\n404 -\n");
  expect(await readAll(file)).toEqual([{ status: "200", upstreamSeconds: 0.25 }, { status: "404" }]);
  expect(await readAll(file)).toEqual([]);
});

test("a long file is truncated, and no line is lost or read twice", async () => {
  const file = await made();
  await readAll(file);
  let written = 0;
  let seen = 0;
  for (let round = 0; round < 8; round += 1) {
    await appendFile(file.path, "200 0.001\n".repeat(10_000));
    written += 10_000;
    seen += (await readAll(file)).length;
  }
  expect(seen).toBe(written);
  expect((await stat(file.path)).size).toBeLessThan(300_000);
});

test("a new reader skips lines that the previous one may have counted", async () => {
  const file = await made();
  await appendFile(file.path, "200 0.1\n");
  const anew = new TimingsFile(file.path);
  expect(await readAll(anew)).toEqual([]);
  await appendFile(file.path, "200 0.2\n");
  expect(await readAll(anew)).toHaveLength(1);
});

test("a file that nginx's group cannot write is recreated, one that it can is kept", async () => {
  const file = await made();
  await writeFile(file.path, "200 0.1\n");
  await file.ensure();
  expect((await stat(file.path)).size).toBe(8);
  await chmod(file.path, 0o644);
  await file.ensure();
  const { size, mode } = await stat(file.path);
  expect([size, mode & 0o777]).toEqual([0, 0o664]);
});

test("nginx's metrics are read at each scrape; without an answer they are not rendered, and response counters continue", async () => {
  let answer: string | undefined = STUB;
  const file = await made();
  const numbers = new NginxNumbers(() => Promise.resolve(answer), file);
  await readAll(file);
  await appendFile(file.path, "200 0.02\n503 -\n");
  const text = await numbers.render();
  expect(text).toMatch(/^nginx_up 1$/m);
  expect(text).toMatch(/^nginx_active_requests 3$/m);
  expect(text).toMatch(/^nginx_requests_total 311$/m);
  expect(text).toMatch(/^nginx_responses_total\{class="5xx"\} 1$/m);
  expect(text).toMatch(/^nginx_upstream_response_seconds_sum 0\.02$/m);
  answer = undefined;
  const without = await numbers.render();
  expect(without).toMatch(/^nginx_up 0$/m);
  expect(without).not.toMatch(/^nginx_(active|connections|requests)/m);
  expect(without).toMatch(/^nginx_responses_total\{class="2xx"\} 1$/m);
});
