/** Random texts, as RandomPassword and RandomString make them. */
import { randomInt } from "node:crypto";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

export interface TextRules {
  readonly length: number;
  readonly upper: boolean;
  readonly lower: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minUpper: number;
  readonly minLower: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  /** Instead of the usual special characters; empty: those. */
  readonly overrideSpecial: string;
}

/** Uniform choice from the operating system's generator; the required characters first, then a fair shuffle. */
export function randomText(rules: TextRules): string {
  const special = Array.from(rules.overrideSpecial || SPECIAL);
  const all = [
    ...Array.from(rules.upper ? UPPER : ""),
    ...Array.from(rules.lower ? LOWER : ""),
    ...Array.from(rules.numeric ? DIGITS : ""),
    ...(rules.special ? special : []),
  ];
  const pick = (from: readonly string[], count: number): string[] =>
    Array.from({ length: count }, () => from[randomInt(from.length)] ?? "");
  const characters = [
    ...pick(Array.from(DIGITS), rules.minNumeric),
    ...pick(Array.from(LOWER), rules.minLower),
    ...pick(Array.from(UPPER), rules.minUpper),
    ...pick(special, rules.minSpecial),
  ];
  characters.push(...pick(all, Math.max(0, rules.length - characters.length)));
  for (let i = characters.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [characters[i], characters[j]] = [characters[j] ?? "", characters[i] ?? ""];
  }
  return characters.join("");
}
