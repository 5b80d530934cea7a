import { conflicts, revisionNotice, type Neighbour } from "../../settings/host";
import type { Settings } from "../../settings/settings";
import { parseSubnet } from "../../settings/subnet";

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

test("another network's subnet that was typed with host bits, or is of any size, counts as what it covers", () => {
  const office = (cidr: string): string[] => found({ name: "office", subnets: [cidr] });
  expect(office("10.77.5.1/24")).toEqual([]);
  expect(office("10.1.2.77/24")).toEqual([expect.stringMatching(/controlSubnet is 10.1.2.0\/24: .*10.1.2.77\/24/)]);
  for (const cidr of ["10.1.2.8/29", "10.1.2.9/32", "10.1.2.0/30"]) expect(office(cidr)).toHaveLength(1);
  for (const cidr of ["0.0.0.0/0", "10.0.0.0/7"]) expect(office(cidr)).toHaveLength(3);
  for (const cidr of ["", "nonsense", "10.1.2.0", "10.1.2.0/33", "fd00::1/64"]) expect(office(cidr)).toEqual([]);
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

test("a new revision reports the memory it needs beside the old one, and warns when the host has too little", () => {
  const old = (index: number): Neighbour => ({
    name: `dev-wordpress-aaaa0000-${index}`,
    stack: "dev",
    revision: "aaaa0000",
  });
  const notice = (revision: string, memoryMiB: number) =>
    revisionNotice(revision, "dev", 3, 512, { neighbours: [old(1), old(2), { ...old(3), stack: "other" }], memoryMiB });
  expect(notice("bbbb0000", 4096)).toEqual({
    isTight: false,
    text: expect.stringMatching(
      /bbbb0000 of WordPress replaces aaaa0000: its 3 replicas .* 2 running ones.* 5 replicas: up to 1536 MiB more memory, 2560 MiB in all/,
    ) as string,
  });
  expect(notice("bbbb0000", 2048)).toMatchObject({
    isTight: true,
    text: expect.stringMatching(/too little/) as string,
  });
  expect(notice("aaaa0000", 2048)).toBeUndefined();
});
