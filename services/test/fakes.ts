import type { Log } from "../kit/log";
import type { ConsulPort } from "../registrator/consul";
import type { ActualService, ContainerView, StopIntent } from "../registrator/model";
import type { Step } from "../registrator/plan";

/** A port on which only the given functions may be called: any other call fails the test and names the function. */
export function only<Port extends object>(given: Partial<Port>): Port {
  return new Proxy(given, {
    get(target, name) {
      if (name in target) return target[name as keyof Port];
      throw new Error(`not implemented in this test: ${String(name)}`);
    },
  }) as Port;
}

export interface Line {
  level: string;
  message: string;
  fields: Record<string, unknown>;
}

/** A log that keeps its lines. */
export function keptLog(): Log & { lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      lines.push({ level, message, fields });
    };
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

export const FRONTEND = "net-frontend";
export const BACKEND = "net-backend";
export const ROLES: ReadonlyMap<string, string> = new Map([
  [FRONTEND, "frontend"],
  [BACKEND, "backend"],
]);

/** A healthy replica on two networks. */
export function container(changes: Partial<ContainerView> = {}): ContainerView {
  return {
    id: "a".repeat(64),
    name: "dev-wordpress-1",
    env: [],
    labels: {
      "wordpress-autoscaling.stack": "dev",
      "wordpress-autoscaling.network": "frontend",
      "wordpress-autoscaling.check-network": "backend",
      SERVICE_NAME: "wordpress",
    },
    exposedPorts: [{ port: 80, protocol: "tcp" }],
    stopSignal: "SIGTERM",
    startedAt: "2026-01-01T00:00:00.5Z",
    running: true,
    paused: false,
    restarting: false,
    health: "healthy",
    networks: [
      { networkId: BACKEND, networkName: "dev-backend", address: "10.0.2.5" },
      { networkId: FRONTEND, networkName: "dev-frontend", address: "10.0.1.5" },
    ],
    ...changes,
  };
}

/** Consul's agent and key-value store, in memory. */
export class FakeConsul implements ConsulPort {
  readonly agent = new Map<string, ActualService>();
  readonly kv = new Map<string, StopIntent>();
  readonly applied: Step[] = [];
  isDown = false;

  services(): Promise<ActualService[]> {
    this.refuseWhenDown();
    return Promise.resolve([...this.agent.values()]);
  }

  intents(): Promise<Map<string, StopIntent>> {
    this.refuseWhenDown();
    return Promise.resolve(new Map(this.kv));
  }

  apply(step: Step): Promise<void> {
    this.refuseWhenDown();
    this.applied.push(step);
    switch (step.kind) {
      case "register": {
        const { check, ...service } = step.registration;
        const maintenance = this.agent.get(service.id)?.maintenance;
        this.agent.set(service.id, {
          ...service,
          ...(check === undefined ? {} : { checkStatus: step.checkStatus }),
          ...(maintenance === undefined ? {} : { maintenance }),
        });
        break;
      }
      case "deregister":
        this.agent.delete(step.serviceId);
        break;
      case "deregister-check": {
        const { checkStatus: _gone, ...service } = this.get(step.serviceId);
        this.agent.set(step.serviceId, service);
        break;
      }
      case "maintenance": {
        const { maintenance: _before, ...service } = this.get(step.serviceId);
        this.agent.set(step.serviceId, { ...service, ...(step.enable ? { maintenance: step.reason } : {}) });
        break;
      }
      case "store-intent":
        this.kv.set(step.containerId, step.intent);
        break;
      case "clear-intent":
        this.kv.delete(step.containerId);
    }
    return Promise.resolve();
  }

  private get(serviceId: string): ActualService {
    const service = this.agent.get(serviceId);
    if (service === undefined) throw new Error(`Consul: unknown service ${serviceId}`);
    return service;
  }

  private refuseWhenDown(): void {
    if (this.isDown) throw new Error("connect ECONNREFUSED");
  }
}
