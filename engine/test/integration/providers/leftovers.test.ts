/** What an interrupted creation left behind: removed when it is provably that creation's own, and nothing else ever is. */
import { randomUUID } from "node:crypto";
import type { DiscardRequest, JsonObject } from "../../../src/provider";
import { BASE, CONTAINER, docker, Fixture, labels, NETWORK, VOLUME, type Made } from "./fixture";

let fixture: Fixture;
beforeAll(async () => (fixture = await Fixture.start()));
afterAll(() => fixture.stop());

interface Attempted extends Made {
  readonly attempt: string;
  /** As the provider told it while it was at work. */
  readonly noted: string | undefined;
}

/** A creation of which the run, killed, could note no more than that it began; `noted`: or the id. */
async function attempted(type: string, inputs: JsonObject): Promise<Attempted> {
  const attempt = randomUUID();
  let noted: string | undefined;
  const made = await fixture.create(type, { labels, ...inputs }, { name: attempt, made: (id) => (noted = id) });
  return { ...made, attempt, noted };
}
const discard = async (made: Made, more: Partial<DiscardRequest> = {}): Promise<true | string | undefined> => {
  const { type, name, inputs } = made;
  return fixture.provider.discard?.({ urn: "urn", type, name, inputs, keep: new Set(), ...more });
};
const isThere = async (made: Made): Promise<boolean> => {
  const found = made.type === CONTAINER ? docker.getContainer(made.id) : docker.getNetwork(made.id);
  return found.inspect().then(
    () => true,
    () => false,
  );
};
const container = { image: BASE, start: false, command: ["sh"] };

test("a container: the attempt's own goes, whatever its name's other owners have", async () => {
  const made = await attempted(CONTAINER, { ...container, name: fixture.name("leftover") });
  expect(await discard(made, { attempt: made.attempt, keep: new Set([made.id]) })).toBe(true);
  expect(await isThere(made)).toBe(true);
  expect(await discard(made, { attempt: made.attempt })).toBe(true);
  expect(await isThere(made)).toBe(false);
  expect(await discard(made, { attempt: made.attempt })).toBe(true);
});

test("a container of the same name and labels that another checkout runs stays, and this run has made nothing", async () => {
  const foreign = await attempted(CONTAINER, { ...container, name: fixture.name("foreign") });
  // Killed while it still pulled the image, so that it met the other one never.
  expect(await discard(foreign, { attempt: randomUUID() })).toBe(true);
  expect(await isThere(foreign)).toBe(true);
});

test("a container that nothing says of whose it is stays, and is told with what removes it", async () => {
  const name = fixture.name("unmarked");
  const made = await fixture.create(CONTAINER, { ...container, labels, name });
  for (const attempt of [randomUUID(), undefined]) {
    expect(await discard(made, { attempt })).toBe(
      `a container ${name} exists, and nothing proves whose it is: \`docker rm -f -v ${name}\``,
    );
    expect(await isThere(made)).toBe(true);
  }
  // What another engine's note is about is not known either, even if this engine made what is there.
  const marked = await attempted(CONTAINER, { ...container, name: fixture.name("marked") });
  expect(await discard(marked)).toContain("nothing proves whose it is");
  expect(await isThere(marked)).toBe(true);
});

test("a network: the one whose id was noted goes, or one of a made-up name; of another of its name nothing is known", async () => {
  const named = await attempted(NETWORK, { name: fixture.name("leftover-net") });
  expect(named.noted).toBe(named.id);
  expect(await discard(named, { attempt: named.attempt })).toContain(`docker network rm ${named.id.slice(0, 12)}`);
  expect(await discard(named, { attempt: named.attempt, id: "f".repeat(64) })).toBe(true);
  expect(await isThere(named)).toBe(true);
  expect(await discard(named, { attempt: named.attempt, id: named.id, keep: new Set([named.id]) })).toBe(true);
  expect(await isThere(named)).toBe(true);
  expect(await discard(named, { attempt: named.attempt, id: named.id })).toBe(true);
  expect(await isThere(named)).toBe(false);

  const automatic = await attempted(NETWORK, {});
  expect(await discard(automatic)).toContain("nothing proves");
  expect(await discard(automatic, { attempt: automatic.attempt })).toBe(true);
  expect(await isThere(automatic)).toBe(false);
});

test("a volume: removed only under a name that the engine made up, since another may have had data before", async () => {
  const named = await fixture.create(VOLUME, { name: fixture.name("data") });
  expect(await discard(named)).toContain("may have data from before");
  expect(await discard(named, { keep: new Set([named.id]) })).toBe(true);
  await docker.getVolume(named.id).inspect();
  const automatic = await fixture.create(VOLUME, {});
  expect(await discard(automatic)).toBe(true);
  await expect(docker.getVolume(automatic.id).inspect()).rejects.toThrow(/no such/i);
});
