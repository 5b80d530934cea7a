import { until } from "../../../../lab/driver/until";
import { docker, RealStack, type Service } from "../../../test/real-stack";

const stack = new RealStack("registrator", "10.214");
let consul: string;
let registrator: Service;

interface Entry {
  Service: { ID: string; Address: string; Meta: Record<string, string> };
  Checks: { CheckID: string; Status: string }[];
}

const entries = async () => (await (await fetch(`${consul}/v1/health/service/web`)).json()) as Entry[];
const start = () => stack.service("registrator", { CONSUL_HTTP_ADDR: consul, RESYNC_SECONDS: "1" });
const web = `${stack.name}-web`;
const id = `${stack.name}:${web}:80`;

/** A container that is healthy while /tmp/ready exists, and takes 6 s to stop. */
async function createWeb(): Promise<void> {
  const script = "trap 'sleep 6; exit 0' TERM; touch /tmp/ready; while :; do sleep 0.1; done";
  const labels = [
    "wordpress-autoscaling.network=frontend",
    "wordpress-autoscaling.check-network=backend",
    "SERVICE_NAME=web",
    "SERVICE_80_CHECK_TCP=true",
    "SERVICE_80_CHECK_INTERVAL=1s",
  ].flatMap((label) => ["--label", label]);
  const health = ["--health-cmd", "test -e /tmp/ready", "--health-interval", "1s", "--health-retries", "1"];
  await docker(
    ...["create", "--name", web, ...stack.labels("wordpress"), ...labels, ...health, "--expose", "80"],
    ...["--network", `${stack.name}-backend`, "debian:trixie-slim", "sh", "-c", script],
  );
  await docker("network", "connect", `${stack.name}-frontend`, web);
}

const address = (role: string) =>
  docker("inspect", "-f", `{{(index .NetworkSettings.Networks "${stack.name}-${role}").IPAddress}}`, web);
const isRegistered = async () => (await entries()).length === 1;
const isOut = async () => (await entries()).length === 0;
const inMaintenance = async () =>
  (await entries())[0]?.Checks.some(({ CheckID }) => CheckID === `_service_maintenance:${id}`) === true;

let events: Awaited<ReturnType<RealStack["events"]>>;

/** From Docker's newest such event to the log line about the change in Consul, in ms. */
function latency(action: string, message: string, fields: Record<string, unknown> = {}): number {
  const at = events.filter((event) => event.action === action).at(-1)?.atMs ?? NaN;
  return Math.round((registrator.loggedAt(message, { serviceId: id, ...fields }, Math.floor(at)) ?? NaN) - at);
}

const measured: Record<string, number> = {};

beforeAll(async () => {
  await stack.create(["control", "frontend", "backend"]);
  consul = await stack.consul("control");
  registrator = await start();
  events = await stack.events();
  await createWeb();
});

afterAll(async () => {
  console.log("event → Consul, ms:", JSON.stringify(measured));
  await stack.remove();
});

test("a container is registered when Docker reports it healthy, at its frontend address, as passing", async () => {
  await docker("start", web);
  await until("registered", isRegistered);
  const [entry] = await entries();
  expect(entry?.Service).toMatchObject({ ID: id, Address: await address("frontend") });
  expect(entry?.Service.Meta).toMatchObject({ "container-name": web, stack: stack.name });
  expect(registrator.lines.find(({ message }) => message === "register")).toMatchObject({ checkStatus: "passing" });
  measured.healthy = latency("health_status", "register");
  expect(await registrator.metrics()).not.toMatch(/exec/);
});

test("a check that fails in Consul is not reset by resyncs", async () => {
  const critical = async () => (await entries())[0]?.Checks.find(({ CheckID }) => CheckID === `service:${id}`)?.Status;
  await until("critical, because nothing listens there", async () => (await critical()) === "critical");
  const rounds = async () => Number(/reconciles_total (\d+)/.exec(await registrator.metrics())?.[1]);
  const before = await rounds();
  await until("three more runs", async () => (await rounds()) >= before + 3);
  expect(await critical()).toBe("critical");
});

test("a paused container is deregistered, and registered again when it is unpaused", async () => {
  await docker("pause", web);
  await until("out", isOut);
  measured.pause = latency("pause", "deregister");
  await docker("unpause", web);
  await until("back", isRegistered);
});

test("after a wipe of Consul the container is registered again within seconds", async () => {
  await docker("restart", "-t", "1", `${stack.name}-consul`);
  await until("registered again", isRegistered);
});

test("a stop means maintenance at once, and a restarted registrator keeps it", async () => {
  await docker("kill", "-s", "HUP", web);
  const stopped = docker("stop", "-t", "20", web);
  await until("in maintenance", inMaintenance);
  measured.stop = latency("kill", "maintenance", { enable: true });
  expect(await registrator.end()).toBe(0);
  registrator = await start();
  await until("resynced", async () => /last_success_timestamp_seconds [1-9]/.test(await registrator.metrics()));
  expect(await inMaintenance()).toBe(true);
  await stopped;
  await until("out", isOut);
  await until("the intent is cleared", async () => {
    const left = await fetch(`${consul}/v1/kv/wordpress-autoscaling/${stack.name}/registrator/?keys`);
    return left.status === 404;
  });
});

test("a started container is registered again, without maintenance", async () => {
  await docker("start", web);
  await until("registered", isRegistered);
  expect(await inMaintenance()).toBe(false);
});

test("a killed container is deregistered at the event", async () => {
  await docker("kill", web);
  await until("out", isOut);
  measured.die = latency("die", "deregister");
});
