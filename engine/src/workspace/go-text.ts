/** Numbers and JSON as Go writes them. */

/** Go's shortest `%g`: `0.5`, `100000`, `1e+06`. */
export function formatFloat(value: number): string {
  const [mantissa = "", power = ""] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** encoding/json: keys sorted, `<`, `>` and `&` escaped, integers whole. Values are what JSON has, and bigint. */
export function goJson(value: unknown): string {
  return escapeHtml(jsonWithBigInts(value));
}

/** JSON on one line, for people. */
export function jsonWithBigInts(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonWithBigInts).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${jsonWithBigInts(each)}`).join(",")}}`;
}

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
