import type Consul from "consul";
import { z } from "zod";
import { stoppingKey, type Stopping } from "../../contract/consul-kv";
import { parseStopping } from "../kit/consul-values";
import type { ActualService, CheckStatus, StopIntent } from "./model";
import type { Step } from "./plan";

/** What the reconciler needs from Consul. */
export interface ConsulPort {
  /** All services of the agent, including those that registrator does not own. */
  services(): Promise<ActualService[]>;
  /** The stop intents in the key-value store, by container id. */
  intents(): Promise<Map<string, StopIntent>>;
  apply(step: Step): Promise<void>;
}

const agentServices = z.record(
  z.object({
    ID: z.string(),
    Service: z.string(),
    Tags: z.array(z.string()).nullish(),
    Meta: z.record(z.string()).nullish(),
    Address: z.string(),
    Port: z.number(),
  }),
);
const agentChecks = z.record(
  z.object({ CheckID: z.string(), ServiceID: z.string(), Status: z.string(), Notes: z.string() }),
);
const keys = z.array(z.object({ Key: z.string(), Value: z.string().nullish() }));

/** The IDs of registrator's check of a service, and of the check that Consul adds for maintenance. */
const checkId = (serviceId: string) => `service:${serviceId}`;
const maintenanceId = (serviceId: string) => `_service_maintenance:${serviceId}`;

/** Joins the agent's services with their checks. */
export function actualServices(services: unknown, checks: unknown): ActualService[] {
  const byId = new Map(Object.values(agentChecks.parse(checks)).map((check) => [check.CheckID, check]));
  return Object.values(agentServices.parse(services)).map((service) => {
    const check = byId.get(checkId(service.ID));
    const maintenance = byId.get(maintenanceId(service.ID));
    return {
      id: service.ID,
      name: service.Service,
      tags: service.Tags ?? [],
      meta: service.Meta ?? {},
      address: service.Address,
      port: service.Port,
      ...(check === undefined ? {} : { checkStatus: statusOf(check.Status) }),
      ...(maintenance === undefined ? {} : { maintenance: maintenance.Notes }),
    };
  });
}

const statusOf = (status: string): CheckStatus => (status === "passing" || status === "warning" ? status : "critical");

/** Consul's agent and key-value store for one stack. */
export function consulPort(consul: Consul, stack: string): ConsulPort {
  const prefix = stoppingKey(stack, "");
  return {
    async services() {
      const [services, checks] = await Promise.all([consul.agent.service.list(), consul.agent.check.list()]);
      return actualServices(services, checks);
    },
    async intents() {
      const found = await consul.kv.get({ key: prefix, recurse: true });
      return new Map(keys.parse(found ?? []).flatMap(({ Key, Value }) => parseIntent(Key.slice(prefix.length), Value)));
    },
    async apply(step) {
      switch (step.kind) {
        case "register":
          await consul.agent.service.register(registrationBody(step));
          return;
        case "deregister":
          await consul.agent.service.deregister(step.serviceId);
          return;
        case "deregister-check":
          await consul.agent.check.deregister(checkId(step.serviceId));
          return;
        case "maintenance":
          await consul.agent.service.maintenance({ id: step.serviceId, enable: step.enable, reason: step.reason });
          return;
        case "store-intent": {
          const { startedAt, atMs } = step.intent;
          const value: Stopping = { startedAt, at: new Date(atMs).toISOString() };
          await consul.kv.set(stoppingKey(stack, step.containerId), JSON.stringify(value));
          return;
        }
        case "clear-intent":
          await consul.kv.del(stoppingKey(stack, step.containerId));
      }
    },
  };
}

/** The request body that registers a service. */
export function registrationBody({ registration, checkStatus }: Step & { kind: "register" }) {
  const { check, ...service } = registration;
  if (check === undefined) return service;
  return {
    ...service,
    check: {
      name: `${service.name} answers at ${check.target}`,
      checkid: checkId(service.id),
      ...(check.kind === "http" ? { http: check.target } : { tcp: check.target }),
      ...(check.method === undefined ? {} : { method: check.method }),
      ...(check.tlsSkipVerify === true ? { tlsskipverify: true } : {}),
      ...(check.deregisterAfter === undefined ? {} : { deregistercriticalserviceafter: check.deregisterAfter }),
      interval: check.interval,
      timeout: check.timeout,
      status: checkStatus,
    },
  };
}

/** Ignores a value that cannot be parsed as an intent. */
function parseIntent(containerId: string, value: string | null | undefined): [string, StopIntent][] {
  const found = parseStopping(value);
  return found === undefined ? [] : [[containerId, { startedAt: found.startedAt, atMs: Date.parse(found.at) }]];
}
