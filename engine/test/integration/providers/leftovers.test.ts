/** What an interrupted creation left behind: found by its name and labels, and never confused with what is known. */
import type { JsonObject } from "../../../src/provider";
import { BASE, CONTAINER, docker, Fixture, labels, NETWORK, VOLUME, type Made } from "./fixture";

let fixture: Fixture;
beforeAll(async () => (fixture = await Fixture.start()));
afterAll(() => fixture.stop());

const discard = async ({ type, name }: Made, inputs: JsonObject, ...keep: string[]): Promise<boolean | undefined> =>
  fixture.provider.discard?.({ urn: "urn", type, name, inputs, keep: new Set(keep) });

const kinds: [type: string, inputs: JsonObject, inspect: (id: string) => Promise<unknown>][] = [
  [CONTAINER, { image: BASE, start: false, command: ["sh"] }, (id) => docker.getContainer(id).inspect()],
  [NETWORK, {}, (id) => docker.getNetwork(id).inspect()],
];
test.each(kinds)(
  "%s: removed when nobody knows it; kept when the state has it, or when nothing says whose it is",
  async (type, more, inspect) => {
    const made = await fixture.create(type, { ...more, name: fixture.name("leftover") });
    expect(await discard(made, made.inputs, made.id)).toBe(true);
    expect(await discard(made, { ...made.inputs, labels: [...labels, { label: "other", value: "1" }] })).toBe(false);
    await inspect(made.id);
    expect(await discard(made, made.inputs)).toBe(true);
    await expect(inspect(made.id)).rejects.toThrow(/no such|not found/i);
    expect(await discard(made, made.inputs)).toBe(true);
  },
);

test("a volume: removed only under a name that the engine made up, since another may have had data before", async () => {
  const named = await fixture.create(VOLUME, { name: fixture.name("data") });
  expect(await discard(named, named.inputs)).toBe(false);
  expect(await discard(named, named.inputs, named.id)).toBe(true);
  await docker.getVolume(named.id).inspect();
  const automatic = await fixture.create(VOLUME, {});
  expect(await discard(automatic, automatic.inputs)).toBe(true);
  await expect(docker.getVolume(automatic.id).inspect()).rejects.toThrow(/no such/i);
});
