import { NO_OPTIONS, type Goal } from "../../../src/core/goal";
import type { ResourceState } from "../../../src/model";
import { foreignId, placeOf, STACK, typeOfWish, type Fault, type Wish } from "./plan";

/** Registers as the SDK does: each resource as soon as those that it needs are there. */
export class Program {
  private readonly states = new Map<string, Promise<ResourceState>>();

  constructor(
    private readonly wishes: readonly Wish[],
    private readonly fault: Fault,
    private readonly register: (goal: Goal) => Promise<ResourceState>,
  ) {}

  async run(): Promise<void> {
    await this.register({ ...NO_OPTIONS, type: "pulumi:pulumi:Stack", name: "proj-dev", custom: false, inputs: {} });
    await this.register({
      ...NO_OPTIONS,
      type: "test:index:Group",
      name: "group",
      custom: false,
      inputs: {},
      parent: STACK,
    });
    const fails = this.fault.what === "program fails";
    for (const wish of fails ? this.wishes.slice(0, this.fault.after) : this.wishes) {
      const state = this.want(wish);
      state.catch(() => undefined);
      this.states.set(wish.name, state);
    }
    await this.settled();
    if (fails) throw new Error("not my day");
  }

  /** What was asked for is seen through, as the real server does. */
  private async settled(): Promise<void> {
    await Promise.allSettled(this.states.values());
    await Promise.all(this.states.values());
  }

  private async want(wish: Wish): Promise<ResourceState> {
    const { name, size, kind, deleteFirst, needs, protect, retain, under, was, imports } = wish;
    const parent = under === undefined ? undefined : (await this.states.get(under))?.urn;
    const needed = await Promise.all(needs.map((need) => this.states.get(need) ?? Promise.reject(new Error(need))));
    const urns = needed.map(({ urn }) => urn).sort();
    return this.register({
      ...NO_OPTIONS,
      type: typeOfWish(name),
      name,
      custom: true,
      parent: parent ?? placeOf(name),
      ...(protect ? { protect } : {}),
      ...(retain ? { retainOnDelete: retain } : {}),
      ...(was === undefined ? {} : { aliases: [{ name: was, type: typeOfWish(was), parent: placeOf(was) }] }),
      ...(imports ? { importId: foreignId(name) } : {}),
      inputs: { size, kind, deleteFirst, from: needed.map(({ id }) => id ?? "") },
      dependencies: urns,
      propertyDependencies: needs.length > 0 ? { from: urns } : {},
    });
  }
}
