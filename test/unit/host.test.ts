import { conflicts, type Neighbour } from "../../host";
import type { Settings } from "../../config";
import { parseSubnet } from "../../subnet";

const settings = {
  networks: {
    frontend: parseSubnet("10.1.0.0/24"),
    backend: parseSubnet("10.1.1.0/24"),
    control: parseSubnet("10.1.2.0/24"),
  },
  publish: { address: "127.0.0.1", httpPort: 8080, consulPort: 8500 },
} as Settings;
const found = (...neighbours: Neighbour[]): string[] => conflicts(settings, "dev", "wordpress-autoscaling", neighbours);

test("another network's subnet is named with the key and the network", () => {
  expect(found({ name: "bridge", subnets: ["10.1.0.0/16"] })).toHaveLength(3);
  expect(found({ name: "office", subnets: ["10.1.2.128/25"] })).toEqual([
    expect.stringMatching(/controlSubnet is 10.1.2.0\/24: .*office.*10.1.2.128\/25/),
  ]);
  expect(found({ name: "far", subnets: ["10.2.0.0/16", "fd00::/64"] })).toEqual([]);
});

test("a port that another container publishes is named with the key, the number and the container", () => {
  expect(found({ name: "other", ports: [{ ip: "0.0.0.0", port: 8080 }] })).toEqual([
    expect.stringMatching(/httpPort is 8080: .*other/),
  ]);
  expect(found({ name: "other", ports: [{ ip: "192.168.0.1", port: 8080 }] })).toEqual([]);
});

test("the stack's own networks and containers are no obstacle", () => {
  expect(
    found({ name: "dev-nginx", stack: "dev", subnets: ["10.1.0.0/24"], ports: [{ ip: "127.0.0.1", port: 8080 }] }),
  ).toEqual([]);
});
