/** The conformance set's programs that need no Docker: by the embedded engine alone, and in turns with Pulumi's CLI. */
import { Conformance, testWithCli } from "../support/conformance";
import { alone, embeddedFirst, cliFirst } from "../support/conformance-runs";

const PROGRAMS = ["components", "configuration", "dynamic", "options", "random", "references", "secrets"];

describe.each(PROGRAMS)("%s", (program) => {
  const make = (): Conformance => new Conformance(program);

  test("embedded alone", () => alone(make()));
  testWithCli("embedded first, then the CLI, and back", () => embeddedFirst(make()));
  testWithCli("the CLI first, then embedded, and back", () => cliFirst(make()));
});
