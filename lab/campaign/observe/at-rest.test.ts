import { isAtRest } from "./at-rest";

const good = { docker: "running, healthy", consul: "passing", nginx: "10.0.0.5:80" };
const status = (replicas: object[], wanted = replicas.length, agree = true): string =>
  JSON.stringify({ agree, wanted, replicas });

test("the stack is at rest when every replica is healthy, registered and routed", () => {
  expect(isAtRest(status([good, good]), 2)).toBe(true);
});

test.each([
  ["one is missing", status([good])],
  ["one is too many", status([good, good, good])],
  ["another number is wanted", status([good, good], 3)],
  ["they disagree", status([good, good], 2, false)],
  ["Consul does not answer", JSON.stringify({ agree: false, replicas: [good, good] })],
  ["there is no answer", ""],
])("it is not when %s", (_what, text) => {
  expect(isAtRest(text, 2)).toBe(false);
});
