/** Two stacks on one host: neither sees the other. */
import { TestStack } from "../../lab/driver/stack";

let first: TestStack;
let second: TestStack;
beforeAll(async () => {
  first = await TestStack.create("test-left", 4, { wordpressReplicas: "1", siteTitle: "Left" });
  second = await TestStack.create("test-right", 5, { wordpressReplicas: "2", siteTitle: "Right" });
  await first.up();
  await second.up();
});
afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

test("each serves its own site by its own replicas", async () => {
  expect((await first.site.get("/")).body).toContain("<title>Left</title>");
  expect((await second.site.get("/")).body).toContain("<title>Right</title>");
  expect(await first.servedBy()).toEqual([expect.stringMatching(/^test-left-/)]);
  expect(await second.servedBy()).toEqual([
    expect.stringMatching(/^test-right-/),
    expect.stringMatching(/^test-right-/),
  ]);
});

test("a port or subnet of the other is refused by name before anything changes", async () => {
  const own = String(second.httpPort);
  await second.set("httpPort", String(first.httpPort));
  const ran = await second.try(["preview"]);
  await second.set("httpPort", own);
  expect(ran.code).not.toBe(0);
  expect(ran.output.replace(/\s+/g, " ")).toContain(
    `httpPort is ${first.httpPort}: port ${first.httpPort} on 127.0.0.1 is taken by container test-left-nginx`,
  );
});

test("one is destroyed, the other serves on with all its containers as they were", async () => {
  const containers = async (): Promise<string[]> =>
    (await second.containers()).map(({ Name, Id, State }) => `${Name} ${Id} ${State.Status} since ${State.StartedAt}`);
  const before = { containers: await containers(), applied: await second.applied() };
  expect(before.applied?.members).toHaveLength(2);
  await first.destroy();
  expect(await second.servedBy()).toHaveLength(2);
  expect({ containers: await containers(), applied: await second.applied() }).toEqual(before);
});
