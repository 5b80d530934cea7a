import { call } from "./script";

test("what is set in one case is set in the other", async () => {
  expect(
    await call("proxy.mjs", "bothSpellings", { HTTP_PROXY: "p", no_proxy: "n", https_proxy: "a", HTTPS_PROXY: "b" }),
  ).toEqual({
    http_proxy: "p",
    NO_PROXY: "n",
  });
  expect(await call("proxy.mjs", "bothSpellings", { HTTP_PROXY: "p", http_proxy: "" })).toEqual({});
});

test("gRPC between engine and program stays off the proxy, and what no_proxy says goes on holding", async () => {
  expect(await call("proxy.mjs", "loopbackDirect", {})).toEqual({ no_grpc_proxy: "127.0.0.1" });
  expect(await call("proxy.mjs", "loopbackDirect", { no_proxy: ".lan" })).toEqual({ no_grpc_proxy: ".lan,127.0.0.1" });
  expect(
    await call("proxy.mjs", "loopbackDirect", { no_proxy: ".lan", no_grpc_proxy: "a, 127.0.0.1,127.0.0.1" }),
  ).toEqual({});
});
