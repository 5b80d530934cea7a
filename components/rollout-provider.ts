/**
 * The dynamic provider behind Rollout. Pulumi serialises this object's code into the state, so it captures nothing of this module
 * but functions, and loads what it needs where it runs.
 *
 * Each diff queries Consul, the reloader's record and Docker instead of relying on the state: an `up` that failed or was killed may have
 * written another desired set, and a container may have been stopped by hand.
 */
import * as pulumi from "@pulumi/pulumi";
import { desiredKey } from "../contract/consul-kv";
import {
  type ConsulClient,
  consulOf,
  describe,
  difference,
  isSameSet,
  type Member,
  membersOf,
  passing,
  readRecord,
  type RolloutInputs,
  stoppedParts,
  without,
} from "./rollout-sight";

type RolloutOutputs = RolloutInputs & { generation: number };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Monotonic, because the wall clock may be set during a rollout. */
const elapsedMs = (): number => process.uptime() * 1000;

/** A configuration refused for this long counts as permanently refused: a temporary refusal (a replica not reachable yet) ends sooner. */
const REFUSED_SECONDS = 20;

const failure = (lines: string[]): Error =>
  new Error([...lines.filter((line) => line !== ""), "the next `up` tries again"].join("\n"));

/** Waits until Consul reports all members as passing. Changes nothing. */
async function untilReady(consul: ConsulClient, members: Member[], readySeconds: number): Promise<void> {
  const start = elapsedMs();
  // Since when Docker reports all missing members as unhealthy or ended.
  let hopelessSince: number | undefined;
  let lookedAt = start;
  for (;;) {
    let trouble = "";
    let missing = members;
    try {
      missing = without(members, await passing(consul, members));
    } catch (error) {
      trouble = `Consul: ${String(error)}`;
    }
    if (missing.length === 0) return;
    const now = elapsedMs();
    const isOver = now - start > readySeconds * 1000;
    if (isOver || now - lookedAt > 2_000) {
      lookedAt = now;
      const described = await Promise.all(missing.map((member) => describe(member)));
      const isHopeless = trouble === "" && described.every((one) => one.isHopeless);
      hopelessSince = isHopeless ? (hopelessSince ?? now) : undefined;
      if (isOver || (hopelessSince !== undefined && now - hopelessSince > 15_000)) {
        throw failure([
          `${missing.length} of ${members.length} replicas are not ready after ${Math.round((now - start) / 1000)} s; nothing was taken away, the replicas routed before keep serving`,
          ...described.slice(0, 3).flatMap(({ lines }) => lines),
          described.length > 3
            ? `and ${missing
                .slice(3)
                .map(({ name }) => name)
                .join(", ")}`
            : "",
          trouble,
        ]);
      }
    }
    await pause(100);
  }
}

/** Waits until the members are ready, writes them as the desired set, and waits until nginx routes exactly those. Returns the generation. */
async function rollOut(inputs: RolloutInputs, olds: RolloutOutputs | undefined): Promise<number> {
  const consul = consulOf(inputs.consulUrl, 15_000);
  const { stack } = inputs;
  const members = membersOf(inputs);
  // A replica that is not in the desired set is removed from nginx at once, so all members must be able to serve first.
  await untilReady(consul, members, inputs.readySeconds);

  const before = (await readRecord(consul, stack, "desired")).record;
  let { record: applied, index } = await readRecord(consul, stack, "applied");
  // Generations only grow, even when Consul was wiped.
  const generation = Math.max(before?.generation ?? 0, olds?.generation ?? 0) + 1;
  // A replica must not be stopped while an older nginx worker may route to it. That concerns the state's set, and any set that a failed
  // `up` has written or routed since; records of an earlier stack of this name are unknown.
  const mayBeKnown = [
    ...(olds === undefined ? [] : membersOf(olds)),
    ...(before?.members ?? []),
    ...(applied?.members ?? []),
  ];
  const removes = olds === undefined || without(mayBeKnown, members).length > 0;
  await consul.kv.set(desiredKey(stack), JSON.stringify({ generation, members }));

  const start = elapsedMs();
  let trouble = "";
  let refusedSince: number | undefined;
  for (;;) {
    const isRouted =
      applied?.generation === generation &&
      isSameSet(applied.members, members) &&
      applied.settingsHash === inputs.settingsHash;
    const stopped = isRouted ? await stoppedParts(stack) : [];
    if (isRouted && stopped.length === 0 && (!removes || applied?.retired)) return generation;
    refusedSince = !isRouted && applied?.refused ? (refusedSince ?? elapsedMs()) : undefined;
    const isRefused = refusedSince !== undefined && elapsedMs() - refusedSince > REFUSED_SECONDS * 1000;
    const limitSeconds = inputs.routedSeconds + (isRouted ? inputs.retiredSeconds : 0);
    if (isRefused || elapsedMs() - start > limitSeconds * 1000) {
      const missing = without(members, applied?.members ?? []);
      const surplus = without(applied?.members ?? [], members);
      const names = (list: Member[]): string => list.map(({ name }) => name).join(", ");
      const described = await Promise.all(missing.slice(0, 3).map((member) => describe(member)));
      throw failure([
        `nginx does not route exactly the desired replicas after ${Math.round((elapsedMs() - start) / 1000)} s; nothing was taken away, the replicas routed before keep serving`,
        missing.length > 0 ? `not routed: ${names(missing)}` : "",
        surplus.length > 0 ? `still routed: ${names(surplus)}` : "",
        isRouted && !applied?.retired ? "nginx's older workers have not exited yet" : "",
        applied !== undefined && applied.settingsHash !== inputs.settingsHash
          ? "nginx does not run the new settings"
          : "",
        applied?.refused ? `nginx's configuration was refused: ${applied.refused}` : "",
        applied === undefined ? "the reloader has not reported anything; see: npm run logs -- consul-template" : "",
        ...(await stoppedParts(stack).catch((error: unknown) => [`Docker: ${String(error)}`])),
        ...described.flatMap(({ lines }) => lines),
        trouble,
      ]);
    }
    try {
      // A stopped container does not show in the record, so poll.
      if (stopped.length > 0) await pause(500);
      ({ record: applied, index } = await readRecord(consul, stack, "applied", stopped.length > 0 ? undefined : index));
      trouble = "";
      if (applied === undefined) await pause(100);
    } catch (error) {
      trouble = `Consul: ${String(error)}`;
      index = undefined;
      await pause(500);
    }
  }
}

export const rolloutProvider: pulumi.dynamic.ResourceProvider<RolloutInputs, RolloutOutputs> = {
  async diff(_id, olds, news) {
    const essence = ({ members, consulUrl, settingsHash }: RolloutInputs): string =>
      // A value that is unknown at preview counts as different.
      JSON.stringify([typeof members === "object" ? Object.entries(members).sort() : members, consulUrl, settingsHash]);
    return { changes: essence(olds) !== essence(news) || (await difference(news)) !== undefined };
  },
  async create(inputs) {
    const generation = await rollOut(inputs, undefined);
    return { id: `${inputs.stack}-rollout`, outs: { ...inputs, generation } };
  },
  /** For a refresh: the members that nginx routes, and the settings that it runs. */
  async read(id, props) {
    if (props === undefined) return { id };
    try {
      const consul = consulOf(props.consulUrl, 5_000);
      const [{ record }, stopped] = await Promise.all([
        readRecord(consul, props.stack, "applied"),
        stoppedParts(props.stack),
      ]);
      const routed = stopped.length > 0 ? [] : (record?.members ?? []);
      const members = Object.fromEntries(routed.map(({ name, containerId }) => [name, containerId]));
      return { id, props: { ...props, members, settingsHash: record?.settingsHash ?? "" } };
    } catch {
      // Consul or Docker cannot be reached: the next diff finds that, and the next update reports it.
      return { id, props };
    }
  },
  async update(_id, olds, news) {
    return { outs: { ...news, generation: await rollOut(news, olds) } };
  },
};
