import { parseSubnet, type Subnet } from "./subnet";

/** Receives each invalid value: the key, the value, what is allowed. */
export type Problem = (key: string, got: string, allowed: string) => void;

/** Reads the configuration's values and collects the problems, so that one error names every invalid value. */
export class ConfigReader {
  /** One line for each invalid value. */
  readonly problems: string[] = [];

  /**
   * @param raw `namespace:key` to string, as `pulumi.runtime.allConfig()` gives it
   * @param project the namespace of this project's keys
   */
  constructor(
    readonly raw: Readonly<Record<string, string>>,
    readonly project: string,
  ) {}

  readonly problem: Problem = (key, got, allowed) => {
    this.problems.push(`${this.project}:${key} is ${got === "" ? "empty" : JSON.stringify(got)}: ${allowed}`);
  };

  /** The value as it was set; "" when unset. */
  value(key: string): string {
    return this.raw[`${this.project}:${key}`] ?? "";
  }

  integer(key: string, min: number, max: number): number {
    const text = this.value(key);
    const number = Number(text);
    if (!/^-?\d+$/.test(text) || number < min || number > max)
      this.problem(key, text, `a whole number from ${min} to ${max}`);
    return number;
  }

  /** @param description what is allowed, in words */
  text(key: string, allowed: RegExp, description: string): string {
    const text = this.value(key);
    if (!allowed.test(text)) this.problem(key, text, description);
    return text;
  }

  boolean(key: string): boolean {
    return this.text(key, /^(true|false)$/, "true or false") === "true";
  }

  /** @returns undefined for a value that is not a subnet */
  subnet(key: string): Subnet | undefined {
    try {
      return parseSubnet(this.value(key));
    } catch (error) {
      this.problem(key, this.value(key), (error as Error).message);
      return undefined;
    }
  }
}
