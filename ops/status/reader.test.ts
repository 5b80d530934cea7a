/** A fault in the comparison is told as what it is: Consul has answered. */
import { dockerClient } from "../../services/kit/docker-client";
import { FakeConsul } from "../../test/support/fake-consul";
import { FakeDocker } from "../../test/support/fake-docker";
import { readStatus } from "./reader";

jest.mock("./report", () => ({
  ...jest.requireActual<object>("./report"),
  compare: () => {
    throw new TypeError("a fault in the comparison");
  },
}));

test("a fault in the comparison is not Consul's silence", async () => {
  await using consul = await FakeConsul.start();
  await using _docker = await FakeDocker.start("dev", [
    { id: "c", name: "dev-consul", role: "consul", consulPort: consul.port },
  ]);
  await expect(readStatus("dev", { docker: dockerClient() })).rejects.toThrow("a fault in the comparison");
});

test("an address of Consul that is given is asked, whatever is published on this host", async () => {
  await using consul = await FakeConsul.start();
  await using _docker = await FakeDocker.start("dev", [{ id: "c", name: "dev-consul", role: "consul" }]);
  const asked = readStatus("dev", { docker: dockerClient(), consulAddress: `http://127.0.0.1:${consul.port}` });
  await expect(asked).rejects.toThrow("a fault in the comparison");
  expect(consul.asked).toContain("/v1/health/service/wordpress");
});
