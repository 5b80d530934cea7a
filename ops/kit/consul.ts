/** Reads from Consul's HTTP API. */
import { reason } from "../../services/kit/log";

/** Of a whole answer. */
const ANSWER_MS = 5_000;

/** Consul did not answer: no connection, none in time, or an error status. Whatever else goes wrong is not this. */
export class ConsulSilence extends Error {}

/**
 * The body of Consul's answer, e.g. to `/v1/kv/KEY?raw`; undefined where it has no such thing (404).
 * @throws ConsulSilence
 */
export async function askConsul(address: string, path: string): Promise<string | undefined> {
  let status: number;
  let body: string;
  try {
    const answer = await fetch(`${address}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    status = answer.status;
    body = await answer.text();
  } catch (error) {
    throw new ConsulSilence(reason(error), { cause: error });
  }
  if (status === 404) return undefined;
  if (status !== 200) throw new ConsulSilence(`status ${status}: ${body.trim().slice(0, 200)}`);
  return body;
}

/** The text that Consul has under a key. @throws ConsulSilence */
export const readKey = (address: string, key: string): Promise<string | undefined> =>
  askConsul(address, `/v1/kv/${key}?raw`);
