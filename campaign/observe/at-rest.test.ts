import { isAtRest } from "./at-rest";

const good = { docker: "running, healthy", consul: "passing", nginx: "10.0.0.5:80" };
const status = (rows: object[], problems: string[] = []): string => JSON.stringify({ problems, rows });

test("the stack is at rest when every replica is healthy, registered and routed", () => {
  expect(isAtRest(status([good, good]), 2)).toBe(true);
});

test.each([
  ["one is missing", status([good])],
  ["one is too many", status([good, good, good])],
  ["one is still starting", status([good, { docker: "running, starting", consul: "absent", nginx: "not routed" }])],
  ["one is in maintenance", status([good, { ...good, consul: "maintenance" }])],
  ["they disagree", status([good, good], ["ghost: …"])],
  ["there is no answer", ""],
])("it is not when %s", (_what, text) => {
  expect(isAtRest(text, 2)).toBe(false);
});
