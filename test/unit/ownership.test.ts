/** Whose are the containers that carry this stack's name? */
import * as pulumi from "@pulumi/pulumi";
import type { Host, Neighbour } from "../../settings/host";
import { checkOwnership, foreignContainers } from "../../settings/ownership";

const container = (name: string, state = "running"): Neighbour => ({ id: `id of ${name}`, name, stack: "unit", state });
const network = (name: string): Neighbour => ({ id: `id of ${name}`, name, stack: "unit", subnets: [] });
const stack = [network("unit-frontend"), container("unit-consul"), container("unit-nginx", "exited")];
const names = (found: Neighbour[]): string[] => found.map(({ name }) => name);
const other: Neighbour = { ...container("prod-consul"), stack: "prod" };

test("all containers of the name belong to another state when the state contains none of them, exited ones included", () => {
  expect(names(foreignContainers([...stack, other], "unit", new Set(["id of another world"])))).toEqual([
    "unit-consul",
    "unit-nginx",
  ]);
});

test.each([["id of unit-frontend"], ["id of unit-nginx"]])("a state that knows %s owns all of it", (id) => {
  expect(foreignContainers(stack, "unit", new Set([id]))).toEqual([]);
});

test("networks alone do not count: a first `up` that was killed may have left them before the state recorded them", () => {
  expect(foreignContainers([network("unit-frontend"), other], "unit", new Set())).toEqual([]);
});

interface State {
  /** Whether this is a preview of a state without `instance`. */
  isNew?: boolean;
  outputs?: Record<string, unknown>;
  resources?: Record<string, { type: string; outputs: object }>;
}

const asked: string[] = [];
async function check(neighbours: Neighbour[], { isNew = false, outputs = {}, resources }: State): Promise<void> {
  asked.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ inputs }) => ({ id: "i", state: { ...(inputs as object), ...(isNew ? {} : { hex: "00" }) } }),
      call: ({ token, inputs }) => {
        const { stackName, name = stackName } = inputs as { stackName?: string; name?: string };
        asked.push(`${token.replace(/.*:/, "")} ${String(name)}`);
        if (token.endsWith("readStackOutputs")) return { outputs };
        if (resources === undefined) throw new Error("the CLI would crash");
        return { outputs: resources };
      },
    },
    "wordpress-autoscaling",
    "unit",
    isNew,
    "organization",
  );
  await checkOwnership({ neighbours } as Host);
}
const own = (type: string, id: string): State["resources"] => ({ [`urn::${id}`]: { type, outputs: { id } } });
const refused =
  /a stack unit is on this host already.*does not contain unit-consul, unit-nginx\. Nothing was changed.*PULUMI_BACKEND_URL.*stack init NAME.*docker network rm unit-frontend/s;

test("the state is not queried when nothing on the host has the name", async () => {
  await check([other, network("unit-frontend")], {});
  expect(asked).toEqual([]);
});

test("the state is queried for its networks and containers", async () => {
  await check(stack, { resources: own("docker:index/network:Network", "id of unit-frontend") });
  expect(asked).toEqual(["readStackResourceOutputs organization/wordpress-autoscaling/unit"]);
  await check(stack, { resources: own("docker:index/container:Container", "id of unit-consul") });
  await expect(check(stack, { resources: own("docker:index/volume:Volume", "id of unit-frontend") })).rejects.toThrow(
    refused,
  );
});

test("a state without resources is not asked for them in a preview, and owns nothing", async () => {
  await expect(check(stack, { isNew: true })).rejects.toThrow(refused);
  expect(asked).toEqual(["readStackOutputs organization/wordpress-autoscaling/unit"]);
});

test("the state of an earlier release, which has no `instance` yet, is asked", async () => {
  const resources = own("docker:index/network:Network", "id of unit-frontend");
  await check(stack, { isNew: true, outputs: { url: "http://localhost" }, resources });
  expect(asked).toHaveLength(2);
});
