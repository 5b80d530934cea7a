import { ProviderRegistry } from "../../../src/core/provider-registry";
import type { ResourceState } from "../../../src/model";
import { FakeProvider } from "../../support/fake-provider";

const urn = (name: string) => `urn:pulumi:dev::proj::pulumi:providers:fake::${name}`;
const providerState = (name: string): ResourceState => ({
  urn: urn(name),
  custom: true,
  id: name,
  type: "pulumi:providers:fake",
  inputs: { region: name },
  outputs: {},
});
const thing = (provider: string): ResourceState => ({
  ...providerState("thing"),
  urn: "urn:pulumi:dev::proj::fake:index:Thing::thing",
  type: "fake:index:Thing",
  provider: `${urn(provider)}::${provider}`,
});

/** A registry whose providers come when they are let. */
function registry() {
  const fake = new FakeProvider();
  const ends: string[] = [];
  let arrive: () => void = () => undefined;
  const come = new Promise<void>((resolve) => (arrive = resolve));
  const providers = new ProviderRegistry({
    preview: false,
    makeProvider: async () => {
      await come;
      return { ...fake.factory(), close: () => Promise.resolve(void ends.push("closed")) };
    },
    findOld: () => undefined,
  });
  return { fake, ends, providers, come: () => (arrive(), new Promise(setImmediate)) };
}

test("the providers that the state's resources have are made beforehand, once; what nobody has is not", async () => {
  const { fake, providers, come } = registry();
  providers.prepare([providerState("used"), providerState("unused"), thing("used")]);
  await come();
  expect(fake.configs).toEqual([{ region: "used" }]);
  await providers.resolve(`${urn("used")}::used`);
  expect(fake.instances).toBe(1);
});

test("one that comes after the cancellation is cancelled", async () => {
  const { fake, providers, come } = registry();
  const loading = providers.load(urn("late"), "late", {});
  providers.cancel();
  await come();
  await loading;
  expect(fake.cancelled).toBe(true);
});

test("one that comes after the end is closed, and used by nobody", async () => {
  const { fake, ends, providers, come } = registry();
  const loading = providers.load(urn("late"), "late", {});
  await providers.close();
  await Promise.all([come(), expect(loading).rejects.toThrow("the run ended before the provider")]);
  expect(ends).toEqual(["closed"]);
  expect(fake.configs).toEqual([]);
});
