/** The conformance set's programs that need Docker: by the embedded engine alone, and in turns with Pulumi's CLI. */
import { Conformance, testWithCli } from "../../support/conformance";
import { alone, cliFirst, embeddedFirst } from "../../support/conformance-runs";
import { BASE, Fixture, LABEL, docker, labels } from "../providers/fixture";

let fixture: Fixture;
beforeAll(async () => (fixture = await Fixture.start()));
afterAll(() => fixture.stop());

describe.each(["docker", "image", "imports", "providers"])("%s", (program) => {
  const make = (): Conformance =>
    new Conformance(program, {
      image: BASE,
      label: labels[0]?.value ?? "",
      prefix: fixture.name(program),
    });

  /** Everything that the program made carries the label, and nothing is left of it. */
  const leavesNothing = async (): Promise<void> => {
    const filters = { label: labels.map(({ label, value }) => `${label}=${value}`) };
    const [containers, networks, { Volumes }] = await Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listNetworks({ filters }),
      docker.listVolumes({ filters }),
    ]);
    const left = [...containers.flatMap(({ Names }) => Names), ...networks, ...Volumes];
    expect({ [LABEL]: left }).toEqual({ [LABEL]: [] });
  };
  afterEach(leavesNothing);

  test("embedded alone", () => alone(make()));
  testWithCli("embedded first, then the CLI, and back", () => embeddedFirst(make()));
  testWithCli("the CLI first, then embedded, and back", () => cliFirst(make()));
});
