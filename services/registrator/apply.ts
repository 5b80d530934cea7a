import type { Step } from "./plan";

/**
 * Applies steps: those of one service in their order, services beside each other, and what Consul is to remember at the end,
 * for routing must change first. All are tried; the first error is thrown.
 */
export async function applySteps(steps: Step[], apply: (step: Step) => Promise<void>): Promise<void> {
  const queues = new Map<string, Step[]>();
  const memory: Step[] = [];
  for (const step of steps) {
    if (step.kind === "store-intent" || step.kind === "clear-intent") {
      memory.push(step);
      continue;
    }
    const serviceId = step.kind === "register" ? step.registration.id : step.serviceId;
    queues.set(serviceId, [...(queues.get(serviceId) ?? []), step]);
  }
  const errors: unknown[] = [];
  const inOrder = async (queue: Step[]) => {
    try {
      for (const step of queue) await apply(step);
    } catch (error) {
      errors.push(error);
    }
  };
  await Promise.all([...queues.values()].map(inOrder));
  await Promise.all(memory.map((step) => inOrder([step])));
  if (errors.length > 0) throw new Error(`${errors.length} of ${steps.length} steps failed`, { cause: errors[0] });
}
