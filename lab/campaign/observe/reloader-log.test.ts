import { reloaderLines } from "./reloader-log";

test("the reloader's lines are found behind Docker's frame headers, among nginx's own and older ones", () => {
  const at = (second: number, rest: string): string =>
    `\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0066{"time":"2026-01-01T00:00:0${second}.000Z",${rest}}`;
  const log = [
    at(1, '"message":"current","members":["a"]'),
    "2026/01/01 00:00:02 [notice] 1#1: signal process started",
    at(3, '"message":"current","members":["a","b"]'),
    at(4, '"message":"serving","tookMs":31'),
  ].join("\n");
  expect(reloaderLines(log, Date.parse("2026-01-01T00:00:02Z"))).toEqual([
    { time: "2026-01-01T00:00:03.000Z", message: "current", members: ["a", "b"] },
    { time: "2026-01-01T00:00:04.000Z", message: "serving", tookMs: 31 },
  ]);
});
