/** Timestamps in YAML, as go-yaml v3 reads them (resolve.go, parseTimestamp) and Go writes them. */

/** A moment, with the offset that it was written with. */
export class Timestamp {
  private constructor(
    /** Of the wall clock at the offset: `2024-01-31`, `09:05:00`, and `.25` without zeros at the end, or nothing. */
    private readonly date: string,
    private readonly clock: string,
    private readonly fraction: string,
    /** `+02:00`; undefined: UTC. */
    private readonly offset: string | undefined,
  ) {}

  /** @returns undefined for what Go does not take for a timestamp. */
  static parse(text: string): Timestamp | undefined {
    const found = FORM.exec(text);
    if (found === null) return undefined;
    const [, year = "", month = "", day = "", between, hours = "0", minutes = "0", seconds = "0", fraction, zone] =
      found;
    if ((between === " " || between === undefined) !== (zone === undefined)) return undefined;
    const [y, mo, d] = [Number(year), Number(month), Number(day)];
    if (mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo)) return undefined;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
    const [, offsetHours = "0", offsetMinutes = "0"] = /^[+-](\d\d):(\d\d)$/.exec(zone ?? "") ?? [];
    if (Number(offsetHours) > 24 || Number(offsetMinutes) > 60) return undefined;
    return new Timestamp(
      `${year}-${two(month)}-${two(day)}`,
      `${two(hours)}:${two(minutes)}:${two(seconds)}`,
      // Go keeps nanoseconds.
      (fraction ?? "")
        .replace(",", ".")
        .slice(0, 10)
        .replace(/\.?0+$/, ""),
      zone === undefined || zone === "Z" || /^[+-]00:00$/.test(zone) ? undefined : zone,
    );
  }

  /** Go's `Time.String()`: what a value of a stack's config becomes. */
  toString(): string {
    const zone = this.offset?.replace(":", "");
    return `${this.date} ${this.clock}${this.fraction} ${zone === undefined ? "+0000 UTC" : `${zone} ${zone}`}`;
  }

  /** RFC 3339, as Go writes it in JSON: what a default of Pulumi.yaml becomes. */
  toJSON(): string {
    return `${this.date}T${this.clock}${this.fraction}${this.offset ?? "Z"}`;
  }
}

/** Go reads one or two digits for all but the year and the offset, and a fraction after a point or a comma. */
const FORM = /^(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)([.,]\d+)?(Z|[+-]\d\d:\d\d)?)?$/;

function daysIn(year: number, month: number): number {
  // The day before the first of the next month; setUTCFullYear takes years below 100 as they are.
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

function two(digits: string): string {
  return digits.padStart(2, "0");
}
