import fc from "fast-check";
import { declaredAddress, overlap, parseSubnet } from "../../settings/subnet";

test("a subnet is divided: gateway, declared addresses, and the upper half for Docker to hand out", () => {
  const subnet = parseSubnet("10.201.0.0/23");
  expect(subnet).toMatchObject({
    cidr: "10.201.0.0/23",
    gateway: "10.201.0.1",
    dynamicRange: "10.201.1.0/24",
    dynamicAddresses: 254,
  });
  expect(declaredAddress(subnet, 2)).toBe("10.201.0.2");
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0.0/7",
  "10.0.0.0/29",
  "300.0.0.0/24",
  "fd00::/64",
  "10.0.0.0/24 ",
  "010.0.0.0/24x",
])("%j is refused with what is allowed", (text) => {
  expect(() => parseSubnet(text)).toThrow("IPv4 subnet in CIDR form, /8 to /28");
});

test("an address inside a subnet is refused with the subnet's own", () => {
  expect(() => parseSubnet("10.0.0.5/24")).toThrow("10.0.0.0/24");
});

const subnets = fc
  .tuple(fc.integer({ min: 8, max: 28 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
  .map(([prefix, address]) => {
    const size = 2 ** (32 - prefix);
    const first = address - (address % size);
    return parseSubnet(`${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`);
  });

test("declared addresses never lie in the dynamic range, and overlap is symmetric", () => {
  fc.assert(
    fc.property(subnets, subnets, (a, b) => {
      const dynamic = parseRange(a.dynamicRange);
      expect(dynamic.last).toBe(a.last);
      expect(a.first + 7).toBeLessThan(dynamic.first);
      expect(overlap(a, b)).toBe(overlap(b, a));
      expect(overlap(a, a)).toBe(true);
    }),
  );
});

function parseRange(cidr: string): { first: number; last: number } {
  const [address = "", prefix = "32"] = cidr.split("/");
  const first = address.split(".").reduce((total, byte) => total * 256 + Number(byte), 0);
  return { first, last: first + 2 ** (32 - Number(prefix)) - 1 };
}
