/** IPv4 subnets, and how a stack divides them: declared addresses in the lower half, dynamic ones in the upper. */
import ipaddr from "ipaddr.js";

export interface Subnet extends Range {
  /** Canonical, such as 10.201.0.0/23. */
  readonly cidr: string;
  readonly gateway: string;
  /** CIDR of the upper half, from which Docker assigns addresses. Declared ones lie outside, or a stopped container's address could be reassigned. */
  readonly dynamicRange: string;
  /** How many containers the upper half can hold. */
  readonly dynamicAddresses: number;
}

/** @throws Error that says what is allowed, when the text is not an IPv4 CIDR of /8 to /28 */
export function parseSubnet(text: string): Subnet {
  const allowed = "an IPv4 subnet in CIDR form, /8 to /28, such as 10.201.0.0/23";
  if (!/^\d+(\.\d+){3}\/\d+$/.test(text) || !ipaddr.IPv4.isValidCIDR(text)) throw new Error(allowed);
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  if (prefix < 8 || prefix > 28) throw new Error(allowed);
  const size = 2 ** (32 - prefix);
  const first = toNumber(address.toByteArray());
  if (first % size !== 0)
    throw new Error(`${allowed}; the subnet of that address is ${toText(first - (first % size))}/${prefix}`);
  return {
    cidr: `${toText(first)}/${prefix}`,
    first,
    last: first + size - 1,
    gateway: toText(first + 1),
    dynamicRange: `${toText(first + size / 2)}/${prefix + 1}`,
    dynamicAddresses: size / 2 - 2,
  };
}

/** First and last address of a block, as numbers. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * Parses an IPv4 CIDR of any size; host bits (10.77.5.1/24), which Docker keeps for a network as typed, are ignored. undefined for
 * anything else, such as an IPv6 subnet.
 */
export function blockOf(cidr: string): Range | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [first, last] = [ipaddr.IPv4.networkAddressFromCIDR(cidr), ipaddr.IPv4.broadcastAddressFromCIDR(cidr)];
  return { first: toNumber(first.toByteArray()), last: toNumber(last.toByteArray()) };
}

export const overlap = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last;

/** The declared address with this number: 2 is the first after the gateway. */
export function declaredAddress(subnet: Subnet, number: number): string {
  return toText(subnet.first + number);
}

const toNumber = (bytes: number[]): number => bytes.reduce((total, byte) => total * 256 + byte, 0);
const toText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
