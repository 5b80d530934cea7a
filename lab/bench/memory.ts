import { docker, type TestStack } from "../driver/stack";
import { procField } from "../kit/proc";

/** Memory in MiB, as the kernel counts it. */
export interface Memory {
  /** Proportional (PSS): a page that several processes share is divided among them. */
  all: number;
  /** The part of it that belongs to no file, so that the kernel cannot drop it. */
  own: number;
}

/** What the processes of a role's containers take, divided by the number of containers. Their processes are this host's. */
export async function memoryOf(stack: TestStack, role: string): Promise<Memory> {
  const running = (await stack.containers(role)).filter(({ State }) => State.Running);
  const total: Memory = { all: 0, own: 0 };
  for (const { Id } of running) {
    const { Processes } = (await docker.getContainer(Id).top({ ps_args: "-eo pid" })) as { Processes: string[][] };
    for (const [pid] of Processes) {
      total.all += procField(Number(pid), "smaps_rollup", "Pss") / 1024 / running.length;
      total.own += procField(Number(pid), "smaps_rollup", "Pss_Anon") / 1024 / running.length;
    }
  }
  return total;
}
