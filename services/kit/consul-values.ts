import { z } from "zod";
import type { Applied, Desired, Stopping } from "../../contract/consul-kv";

const member = z.object({ name: z.string(), containerId: z.string() });

const desired = z.object({ generation: z.number().int().positive(), members: z.array(member) });

const applied = z.object({
  generation: z.number().int().nonnegative(),
  configHash: z.string(),
  settingsHash: z.string(),
  members: z.array(member.extend({ address: z.string() })),
  retired: z.boolean(),
  refused: z.string().optional(),
  at: z.string(),
});

const stopping = z.object({ startedAt: z.string(), at: z.string().datetime({ offset: true }) });

/** Parses a value of Consul's key-value store; undefined when it is missing or does not match the schema. */
const reader =
  <Value>(schema: z.ZodType<Value>) =>
  (text: string | null | undefined): Value | undefined => {
    try {
      return schema.safeParse(JSON.parse(text ?? "")).data;
    } catch {
      return undefined;
    }
  };

export const parseDesired: (text: string | null | undefined) => Desired | undefined = reader(desired);
export const parseApplied: (text: string | null | undefined) => Applied | undefined = reader(applied);
export const parseStopping: (text: string | null | undefined) => Stopping | undefined = reader(stopping);
