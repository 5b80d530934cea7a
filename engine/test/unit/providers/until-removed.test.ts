import { untilRemoved } from "../../../src/providers/docker/resource";

const busy = new Error("in use");
const options = { limitMs: 60_000, signal: new AbortController().signal, mayPass: (error: unknown) => error === busy };

test("tries again while the thing is in use", async () => {
  const remove = jest.fn().mockRejectedValueOnce(busy).mockRejectedValueOnce(busy).mockResolvedValue(undefined);
  await untilRemoved(remove, options);
  expect(remove).toHaveBeenCalledTimes(3);
});

test("what is gone already is removed", async () => {
  const remove = jest.fn().mockRejectedValue(Object.assign(new Error("no such thing"), { statusCode: 404 }));
  await untilRemoved(remove, options);
  expect(remove).toHaveBeenCalledTimes(1);
});

test("passes on at once what does not pass by waiting, and at the end what has not", async () => {
  const refused = new Error("refused");
  const remove = jest.fn().mockRejectedValue(refused);
  await expect(untilRemoved(remove, options)).rejects.toBe(refused);
  expect(remove).toHaveBeenCalledTimes(1);
  await expect(untilRemoved(() => Promise.reject(busy), { ...options, limitMs: 0 })).rejects.toBe(busy);
});

test("ends when the run is cancelled", async () => {
  const stop = new AbortController();
  const removing = untilRemoved(() => Promise.reject(busy), { ...options, signal: stop.signal });
  stop.abort();
  await expect(removing).rejects.toThrow("cancelled");
});
