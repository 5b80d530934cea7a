import { checkIntervalSeconds } from "../../components/check-interval";

test("all of Docker's checks of replicas together take less than half a core", () => {
  const cpuSeconds = 0.046;
  for (let replicas = 1; replicas <= 100; replicas++) {
    expect((replicas / checkIntervalSeconds(replicas)) * cpuSeconds).toBeLessThan(0.5);
    expect(checkIntervalSeconds(replicas)).toBeGreaterThanOrEqual(checkIntervalSeconds(replicas - 1));
  }
  // A few start as quickly as Docker's checks allow.
  expect(checkIntervalSeconds(2)).toBe(2);
});
