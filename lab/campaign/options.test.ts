import { readOptions } from "./options";
import { scenes } from "./scenes";

const read = (...args: string[]) => readOptions(args, scenes);

test("the long form plays everything but the daemon's restart; the short form leaves the long scenes out", () => {
  const all = scenes.map(({ name }) => name);
  expect(read()).toEqual({
    form: "long",
    scenes: all.filter((name) => name !== "daemon"),
    rate: 60,
    write: false,
    growth: false,
  });
  expect(read("--short").scenes).toEqual(all.filter((name) => !["daemon", "pause", "hang"].includes(name)));
});

test("scenes are played in their own order", () => {
  expect(read("--scenes", "kill,scale").scenes).toEqual(["scale", "kill"]);
});

test("only --daemon restarts the daemon, and it plays nothing else", () => {
  expect(read("--daemon").scenes).toEqual(["daemon"]);
  expect(() => read("--scenes", "daemon")).toThrow("asked for by --daemon");
});

test.each([
  [["--scenes", "scale,none"], "There is no scene none"],
  [["--rate", "0"], "--rate 0: a whole number of requests a second from 1 to 500"],
  [["--rate", "fast"], "--rate fast"],
  [["--shrot"], "Unknown option '--shrot'"],
  [["more"], "Usage: npm run campaign"],
])("%j is refused, with what there is", (args, message) => {
  expect(() => read(...args)).toThrow(message);
});
