import { readArguments } from "./arguments";

const usage = "Usage: it";
const options = {
  stack: { type: "string", short: "s" },
  tail: { type: "string", short: "n" },
  json: { type: "boolean" },
} as const;
const read = (...args: string[]) => readArguments(args, options, usage);

test.each([
  [["wordpress", "--stack", "prod"], ["wordpress"], { stack: "prod" }],
  [["--stack=prod", "wordpress"], ["wordpress"], { stack: "prod" }],
  [["-s", "prod", "--json"], [], { stack: "prod", json: true }],
  [["-n=5"], [], { tail: "5" }],
  [["-n", "5", "--tail", "6"], [], { tail: "6" }],
  [["--stack="], [], { stack: "" }],
  [["--tail", "-1"], [], { tail: "-1" }],
])("%j", (args, words, values) => expect(read(...args)).toEqual({ words, values }));

test("a negative number is a word, as `scale -1` means it", () => {
  expect(read("-1").words).toEqual(["-1"]);
  expect(read("-12", "x").words).toEqual(["-12", "x"]);
});

test.each([
  [["--jsn"], "Unknown option --jsn.\nUsage: it"],
  [["-x"], "Unknown option -x.\nUsage: it"],
  [["--toString"], "Unknown option --toString.\nUsage: it"],
  [["--stack"], "--stack needs a value.\nUsage: it"],
  [["-s"], "-s needs a value.\nUsage: it"],
])("%j is refused with the usage", (args, message) => expect(() => read(...args)).toThrow(message));
