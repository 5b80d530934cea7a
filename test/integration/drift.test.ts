/** What somebody removed by hand from a running site: `refresh` says it, `up` brings it back. */
import { TestStack, docker } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.create("test-drift", 14, { wordpressReplicas: "1" });
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

test("nginx removed by hand is found by refresh, and up makes the site answer again, with all else left alone", async () => {
  const nginx = await stack.container("nginx");
  const replica = await stack.container("wordpress");
  await docker.getContainer(nginx.Id).remove({ force: true });
  await expect(stack.site.get("/")).rejects.toThrow();

  const { output } = await stack.run("refresh", "--yes", "--skip-preview");
  // "deleted" is what the Pulumi CLI says.
  expect(output).toMatch(/- {2}docker:index:Container \S*nginx\S* (gone|deleted)/);
  expect(output).toMatch(/- 1 deleted/);

  await stack.up();
  await until("the site answers", async () => (await stack.site.get("/")).status === 200);
  expect((await stack.container("nginx")).Id).not.toBe(nginx.Id);
  expect((await stack.container("wordpress")).Id).toBe(replica.Id);
  expect((await stack.run("preview", "--refresh", "--expect-no-changes")).code).toBe(0);
});
