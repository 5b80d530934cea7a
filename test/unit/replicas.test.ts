/** How many replicas a deployment runs, with a stack of these last outputs. */
import * as pulumi from "@pulumi/pulumi";
import { readAutoscale } from "../../settings/autoscale";
import { replicaCount } from "../../settings/replicas";
import type { Settings } from "../../settings/settings";

const autoscale = readAutoscale('{"min":2,"max":6,"targetCpuPercent":50}', () => undefined);
const asked: string[] = [];

async function count(outputs: Record<string, unknown>, settings: Partial<Settings> = { autoscale }): Promise<number> {
  asked.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, inputs }) => {
        const name = String((inputs as { name?: unknown }).name);
        asked.push(`${type} ${name}`);
        return { id: name, state: { name, outputs, secretOutputNames: [] } };
      },
      call: () => ({}),
    },
    "wordpress-autoscaling",
    "unit",
    false,
    "organization",
  );
  return replicaCount({ wordpressReplicas: 7, ...settings });
}
afterEach(() => delete process.env.WORDPRESS_AUTOSCALE_REPLICAS);

test.each([
  [{}, 2, "min, at the first `up`"],
  [{ replicas: 4 }, 4, "what it last ran"],
  [{ replicas: 9 }, 6, "max, where more ran"],
  [{ replicas: 1 }, 2, "min, where fewer ran"],
  [{ replicas: "x" }, 2, "min, where the output is no number"],
])("with autoscale, after outputs %j: %i (%s)", async (outputs: Record<string, unknown>, expected, _why) => {
  expect(await count(outputs)).toBe(expected);
  expect(asked).toEqual([
    expect.stringMatching(/^pulumi:pulumi:StackReference organization\/wordpress-autoscaling\/unit$/),
  ]);
});

test.each([
  ["5", 5],
  ["1", 2],
  ["99", 6],
  ["", 4],
])("the autoscaler's number %j: %i", async (number, expected) => {
  process.env.WORDPRESS_AUTOSCALE_REPLICAS = number;
  expect(await count({ replicas: 4 })).toBe(expected);
});

test.each(["0", "-1", "2.5", "many"])("the number %j is refused", async (number) => {
  process.env.WORDPRESS_AUTOSCALE_REPLICAS = number;
  await expect(count({ replicas: 4 })).rejects.toThrow(
    `WORDPRESS_AUTOSCALE_REPLICAS is "${number}": a whole number from 1`,
  );
});

test("without autoscale the configuration's number holds; nothing else is asked", async () => {
  process.env.WORDPRESS_AUTOSCALE_REPLICAS = "5";
  expect(await count({ replicas: 4 }, {})).toBe(7);
  expect(asked).toEqual([]);
});
