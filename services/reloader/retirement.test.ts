import { parseTop } from "./nginx";
import { CLEAN_FOR_MS, Retirement } from "./retirement";

const worker = (pid: string, isShuttingDown = false) => ({ pid, isShuttingDown });

describe("after a reload that it made", () => {
  const reloaded = () => {
    const retirement = new Retirement();
    retirement.note([worker("1"), worker("2")], "A", 0);
    retirement.followed("B");
    return retirement;
  };

  test("old workers count at once, before nginx has told them to shut down", () => {
    const retirement = reloaded();
    expect(retirement.look([worker("1"), worker("2"), worker("3")], "B", 0)).toBe(false);
    expect([retirement.left, retirement.generations(0, 0)]).toEqual([2, 1]);
  });

  test("it is retired at the first check without an old worker, and settled", () => {
    const retirement = reloaded();
    expect(retirement.look([worker("1", true), worker("3")], "B", 0)).toBe(false);
    expect(retirement.look([worker("3")], "B", 1)).toBe(true);
    expect(retirement.isSettled("B")).toBe(true);
  });

  test("a second reload waits for the workers of both", () => {
    const retirement = reloaded();
    retirement.note([worker("1", true), worker("3")], "B", 0);
    retirement.followed("C");
    expect(retirement.isSettled("C")).toBe(false);
    expect(retirement.look([worker("1", true), worker("3", true), worker("4")], "C", 0)).toBe(false);
    expect(retirement.generations(0, 0)).toBe(2);
    expect(retirement.look([worker("1", true), worker("4")], "C", 0)).toBe(false);
    expect(retirement.look([worker("4")], "C", 0)).toBe(true);
  });

  test("while nginx has not reloaded, its workers are not old", () => {
    const retirement = new Retirement();
    retirement.note([worker("1")], "A", 0);
    retirement.look([worker("1")], "A", 0);
    expect(retirement.look([worker("1")], "A", CLEAN_FOR_MS)).toBe(true);
  });
});

test("without a record of the reload it takes two checks without old workers, a second apart", () => {
  const retirement = new Retirement();
  expect(retirement.look([worker("9")], "B", 0)).toBe(false);
  expect(retirement.look([worker("9"), worker("8", true)], "B", 900)).toBe(false);
  expect(retirement.look([worker("9")], "B", 1000)).toBe(false);
  expect(retirement.look([worker("9")], "B", 1000 + CLEAN_FOR_MS)).toBe(true);
});

test("docker top: workers, also those that are shutting down, and nothing else", () => {
  const Processes = [
    ["100", "/sbin/docker-init -- nginx"],
    ["101", "nginx: master process nginx -g daemon off;"],
    ["102", "nginx: worker process"],
    ["103", "nginx: worker process is shutting down"],
    ["104", "nginx: cache manager process"],
    ["105", "nginx: cache manager process is shutting down"],
  ];
  expect(parseTop({ Titles: ["PID", "COMMAND"], Processes })).toEqual([
    worker("102"),
    worker("103", true),
    worker("104"),
    worker("105", true),
  ]);
});
