/** A process that waits for interrupts as the embedded engine's commands do, and says which kind each was. */
import { onInterrupt } from "@wordpress-autoscaling/engine/src/commands/interrupt";

const terminal = { err: () => console.log("orderly") } as unknown as Parameters<typeof onInterrupt>[0];
onInterrupt(terminal, () => console.log("immediate"));
console.log("ready");
setInterval(() => undefined, 1_000);
