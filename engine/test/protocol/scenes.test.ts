/**
 * The conformance set's scenes, each written from titles of Pulumi's own lifecycle tests: this engine comes to what the CLI came to; and
 * where there is one, so do both by turns, each going on with the state of the other. `RECORD=1` asks the CLI anew.
 */
import { readdirSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Act } from "../support/scenes";
import { isRecording, play, record, recorded } from "../support/scenes";
import { testWithCli } from "../support/conformance";

const programs = resolve(__dirname, "../conformance/programs");
const SCENES = readdirSync(programs).filter((program) => existsSync(join(programs, program, "scene.ts")));

describe.each(SCENES)("%s", (program) => {
  let acts: readonly Act[];
  beforeAll(async () => {
    ({ acts } = (await import(join(programs, program, "scene"))) as { acts: readonly Act[] });
  });

  if (isRecording) {
    testWithCli("the CLI alone, to be noted", async () => {
      record(program, await play(program, acts, ["cli"], undefined));
    });
    return;
  }
  test("embedded alone", () => play(program, acts, ["embedded"], recorded(program)));
  testWithCli("by turns, embedded first", () => play(program, acts, ["embedded", "cli"], recorded(program)));
  testWithCli("by turns, the CLI first", () => play(program, acts, ["cli", "embedded"], recorded(program)));
});
