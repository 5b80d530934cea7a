import { livesOf, type Moment, stepsOf } from "./moments";

const at = (atMs: number, what: Moment["what"], containerId = "a"): Moment => ({ atMs, what, containerId });

test("a container that is started again has a second life", () => {
  const lives = livesOf([at(50, "started"), at(1, "started"), at(60, "healthy"), at(2, "healthy"), at(9, "ended")]);
  expect(lives).toEqual([
    { containerId: "a", started: 1, healthy: 2, ended: 9 },
    { containerId: "a", started: 50, healthy: 60 },
  ]);
});

test("what happens again in a life counts the first time", () => {
  expect(livesOf([at(1, "started"), at(2, "healthy"), at(3, "healthy")])).toEqual([
    { containerId: "a", started: 1, healthy: 2 },
  ]);
});

test("a new replica is routed from when it is both healthy and wanted", () => {
  const born = [at(0, "started"), at(100, "healthy"), at(120, "registered"), at(500, "wanted")];
  const routed = [at(520, "rendered"), at(560, "serving"), at(900, "retired")];
  expect(stepsOf(livesOf([...born, ...routed]))).toEqual({
    healthy: [100],
    registered: [20],
    rendered: [20],
    serving: [40],
    routed: [60],
    retired: [340],
    unrouted: [],
  });
});

test("a replica that was there before gives only its stop", () => {
  const { unrouted, healthy, routed } = stepsOf(livesOf([at(10, "stopping"), at(70, "unrouted"), at(400, "ended")]));
  expect({ unrouted, healthy, routed }).toEqual({ unrouted: [60], healthy: [], routed: [] });
});

test("a replica that was out of nginx before its stop signal gives no time for that, unless it came back", () => {
  expect(stepsOf(livesOf([at(10, "unrouted"), at(70, "stopping")])).unrouted).toEqual([]);
  expect(stepsOf(livesOf([at(10, "unrouted"), at(70, "stopping"), at(95, "unrouted")])).unrouted).toEqual([25]);
});
