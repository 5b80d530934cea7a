import { understand } from "../../../src/commands/run";
import { continuesOnError, selectionOf } from "../../../src/commands/run-options";
import type { Flags } from "../../../src/commands/flags";

const flagsOf = (line: string): Flags => understand(line.split(" ")).line.flags;

test("what a run is about, from all its flags", () => {
  expect(selectionOf(flagsOf("up -t a --target b --target-replace c --replace d --target-dependents"))).toEqual({
    targets: ["a", "b", "c"],
    targetDependents: true,
    excludes: [],
    excludeDependents: false,
    replaces: ["d", "c"],
  });
  for (const command of ["preview", "destroy", "refresh"])
    expect(selectionOf(flagsOf(`${command} -x a --exclude b`))).toMatchObject({ targets: [], excludes: ["a", "b"] });
  expect(() => selectionOf(flagsOf("up --target a --exclude b"))).toThrow(
    "--target and --exclude cannot be given together",
  );
});

test("PULUMI_CONTINUE_ON_ERROR is for up and destroy, and the flag goes before it", () => {
  const given = process.env.PULUMI_CONTINUE_ON_ERROR;
  try {
    delete process.env.PULUMI_CONTINUE_ON_ERROR;
    expect(continuesOnError(flagsOf("up"), "update")).toBe(false);
    expect(continuesOnError(flagsOf("up --continue-on-error"), "update")).toBe(true);
    for (const [value, counts] of [
      ["true", true],
      ["1", true],
      ["yes", false],
      ["0", false],
    ] as const) {
      process.env.PULUMI_CONTINUE_ON_ERROR = value;
      expect(continuesOnError(flagsOf("destroy"), "destroy")).toBe(counts);
      expect(continuesOnError(flagsOf("preview"), "preview")).toBe(false);
      expect(continuesOnError(flagsOf("up --continue-on-error=false"), "update")).toBe(false);
    }
  } finally {
    if (given === undefined) delete process.env.PULUMI_CONTINUE_ON_ERROR;
    else process.env.PULUMI_CONTINUE_ON_ERROR = given;
  }
});
