import { reason, type Log } from "../kit/log";
import { within } from "../kit/within";
import type { ContainerView } from "./model";

/** How long a run waits for the roles of new networks. */
const LEARN_MS = 2_000;

export type Views = ReadonlyMap<string, ContainerView | undefined>;

/**
 * A cache of the networks' roles. A network keeps its role as long as it exists, so the cache stays valid while Docker's list of
 * networks fails or hangs.
 */
export class NetworkRoles {
  known: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly list: () => Promise<ReadonlyMap<string, string>>,
    private readonly log: Log,
  ) {}

  /** @throws Error when Docker does not answer and nothing is known yet */
  async refresh(limitMs: number): Promise<void> {
    try {
      this.known = await within(limitMs, "docker's list of networks", this.list());
    } catch (error) {
      if (this.known.size === 0) throw error;
      this.log.warn("docker does not list its networks; using the known ones", { error: reason(error) });
    }
  }

  /**
   * Looks up networks created since the last refresh. Without an answer, the containers on them are left out: their desired services
   * are unknown, and the other containers do not wait.
   */
  async learn(seen: Views): Promise<Views> {
    const isKnown = (view: ContainerView | undefined) =>
      view?.networks.every(({ networkId }) => this.known.has(networkId)) ?? true;
    const unknown = [...seen].filter(([, view]) => !isKnown(view)).map(([id]) => id);
    if (unknown.length === 0) return seen;
    try {
      const roles = await within(LEARN_MS, "docker's list of networks", this.list());
      const attached = [...seen.values()].flatMap((view) => view?.networks ?? []);
      const foreign = attached.map(({ networkId }) => [networkId, ""] as const);
      this.known = new Map([...foreign, ...this.known, ...roles]);
      return seen;
    } catch (error) {
      const why = "docker does not list its networks; containers on new ones are left unchanged";
      this.log.warn(why, { containerIds: unknown, error: reason(error) });
      return new Map([...seen].filter(([id]) => !unknown.includes(id)));
    }
  }
}
