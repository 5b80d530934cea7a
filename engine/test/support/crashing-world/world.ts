/**
 * A world that a deployment changes through a provider in this process, a disk for its state, and a life that can end at any moment:
 * as with SIGKILL, nothing that would have happened afterwards does, but what was on its way may still arrive.
 */
import { Life } from "./life";
import type { Ending, Plan } from "./plan";
import { Things } from "./things";

export class World extends Things {
  async run(plan: Plan): Promise<Ending> {
    return new Life(this, plan).live();
  }
}
