import type { ControlRole } from "../../contract/roles";
import {
  compare,
  type ConsulTruth,
  type ControlContainer,
  type RegisteredService,
  type ReplicaContainer,
  type StatusReport,
} from "./report";

type Member = NonNullable<ConsulTruth["applied"]>["members"][number];

const container = (n: number, more: Partial<ReplicaContainer> = {}): ReplicaContainer => ({
  id: `id${n}`,
  name: `r-${n}`,
  state: "running",
  health: "healthy",
  address: `10.0.0.${n}:80`,
  ...more,
});
const service = (n: number, more: Partial<RegisteredService> = {}): RegisteredService => ({
  id: `id${n}`,
  name: `r-${n}`,
  status: "passing",
  ...more,
});
const member = (n: number, more: Partial<Member> = {}): Member => ({
  containerId: `id${n}`,
  name: `r-${n}`,
  address: `10.0.0.${n}:80`,
  ...more,
});
/** What Rollout wrote, who is wanted, and what the reloader wrote, who is routed. */
const records = (wanted: Member[], routed: Member[] = wanted, refused?: string): Omit<ConsulTruth, "services"> => ({
  desired: { members: wanted },
  applied: { generation: 3, retired: true, members: routed, refused },
});

const report = (
  containers: ReplicaContainer[],
  services: RegisteredService[],
  consul: Omit<ConsulTruth, "services">,
  controls: ControlContainer[] = [],
): StatusReport => compare({ containers, controls, consul: { services, ...consul } });

test("the same set everywhere is agreement", () => {
  const found = report([container(1), container(2)], [service(1), service(2)], records([member(1), member(2)]));
  expect(found).toMatchObject({ wanted: 2, agree: true, problems: [], generation: 3, retired: true });
  expect(found.replicas[0]).toMatchObject({
    name: "r-1",
    wanted: true,
    docker: "running, healthy",
    consul: "passing",
    nginx: "10.0.0.1:80",
  });
});

test("one of two that was stopped or removed by hand is no agreement", () => {
  const wanted = records([member(1), member(2)], [member(1)]);
  expect(
    report([container(1), container(2, { state: "exited", health: undefined })], [service(1)], wanted),
  ).toMatchObject({
    agree: false,
    problems: ["missing: r-2 is wanted, and Docker has it as exited"],
  });
  expect(report([container(1)], [service(1)], wanted).problems).toEqual([
    "missing: r-2 is wanted, and Docker does not have it",
  ]);
});

test("what a failed deployment left behind is surplus", () => {
  const wanted = records([member(1)]);
  expect(report([container(1), container(2)], [service(1), service(2)], wanted).problems).toEqual([
    expect.stringMatching(/^surplus: r-2 runs and is not wanted/),
  ]);
  expect(
    report([container(1), container(2)], [service(1), service(2)], records([member(1)], [member(1), member(2)])).agree,
  ).toBe(false);
});

test("ghosts and missing ones are named", () => {
  expect(report([], [service(1)], records([], [member(1)])).problems).toEqual([
    expect.stringMatching(/^ghost: nginx routes r-1/),
    expect.stringMatching(/^ghost: Consul has r-1/),
    expect.stringMatching(/^surplus: nginx routes r-1/),
  ]);
  expect(report([container(1, { state: "exited" })], [], records([member(1)])).problems).toEqual([
    "ghost: nginx routes r-1, which is exited",
    expect.stringMatching(/^missing: r-1 is wanted, and Docker has it as exited/),
  ]);
  expect(report([container(1)], [], records([member(1)], [])).problems).toEqual([
    expect.stringMatching(/^missing: r-1 is healthy, and Consul/),
  ]);
  expect(report([container(1)], [service(1)], records([member(1)], [])).problems).toEqual([
    expect.stringMatching(/^missing: r-1 .*nginx does not route it/),
  ]);
  expect(
    report([container(1)], [service(1)], records([member(1)], [member(1, { address: "10.0.0.9:80" })])).problems,
  ).toEqual([expect.stringMatching(/^stale: /)]);
});

test("a wanted replica that starts, is in maintenance or fails its check is not there yet", () => {
  const wanted = records([member(1)], []);
  expect(report([container(1, { health: "starting" })], [], wanted).problems).toEqual([
    "missing: r-1 is wanted, and Docker has it as running, starting",
  ]);
  expect(report([container(1)], [service(1, { status: "maintenance" })], wanted).problems).toEqual([
    "missing: r-1 is wanted, and Consul has it as maintenance",
  ]);
});

test("a refusal, and records that are not there, are told as such", () => {
  expect(report([], [], records([], [], "host not found")).problems).toEqual(["refused: host not found"]);
  expect(report([], [], {}).problems).toEqual([
    "Consul does not say who is wanted: the next `up` does",
    "the reloader has not reported what nginx runs",
  ]);
});

const control = (role: ControlRole, state: string, health?: string): ControlContainer => ({
  name: `dev-${role}`,
  role,
  state,
  ...(health !== undefined && { health }),
});

test("a control container that is down is an alarm, by name and with what follows", () => {
  const { problems } = report([container(1)], [service(1)], records([member(1)]), [
    control("consul", "running", "healthy"),
    control("consul-template", "restarting", "unhealthy"),
    control("registrator", "running", "unhealthy"),
    control("nginx", "running", "starting"),
  ]);
  expect(problems).toEqual([
    expect.stringMatching(/^alarm: dev-consul-template is restarting: nginx keeps the last good configuration/),
    expect.stringMatching(/^alarm: dev-registrator is unhealthy: /),
    expect.stringMatching(/^starting: dev-nginx/),
  ]);
});

test("while Consul is silent, containers and the control plane are reported all the same, and how many are wanted is not known", () => {
  const silent = { silent: "Consul does not answer at http://127.0.0.1:8500 (x)" };
  expect(compare({ containers: [container(1)], controls: [control("consul", "exited")], consul: silent })).toEqual({
    replicas: [
      {
        name: "r-1",
        id: "id1",
        wanted: false,
        docker: "running, healthy",
        consul: "absent",
        nginx: "not routed",
      },
    ],
    agree: false,
    problems: [expect.stringMatching(/^alarm: dev-consul is exited/), silent.silent],
  });
});
