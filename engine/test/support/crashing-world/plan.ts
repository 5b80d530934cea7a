/** What a program wants, what goes wrong while it runs, and how it ended. */
import type { DeploymentKind, DeploymentSummary } from "../../../src/model";

/** One resource that a program wants. */
export interface Wish {
  readonly name: string;
  /** A change is an update. */
  readonly size: number;
  /** A change is a replacement. */
  readonly kind: number;
  readonly deleteFirst: boolean;
  /** Names of earlier wishes. Their ids are an input, so a replaced one changes this one. */
  readonly needs: readonly string[];
  readonly protect?: boolean;
  readonly retain?: boolean;
  /** The name of an earlier wish, whose child it is. */
  readonly under?: string;
  /** What it was called before. */
  readonly was?: string;
  /** Is what somebody else made before ({@link foreignId}). */
  readonly imports?: boolean;
}

/** Of each name there is one thing outside that is nobody's until it is imported. */
export const foreignId = (name: string): string => `foreign-${name}`;

/** What goes wrong in a run. `at` counts the moments of that run: calls begun and ended, saves begun and ended. */
export type Fault =
  | { readonly what: "nothing" }
  | { readonly what: "kill" | "interrupt" | "disk full" | "disk full for a moment"; readonly at: number }
  | { readonly what: "program fails"; readonly after: number }
  | { readonly what: "call fails" | "half made" | "provider dies"; readonly call: number };

export interface Plan {
  readonly kind: Exclude<DeploymentKind, "preview">;
  readonly wishes: readonly Wish[];
  readonly fault: Fault;
  readonly parallel: number;
  /** How long calls and saves take, and which of those that were on their way when the run was killed still arrive; used in a circle. */
  readonly chances: readonly number[];
  /** Names; empty: all. */
  readonly targets?: readonly string[];
  /** What needs a target is one; what needs something excluded is excluded. */
  readonly dependents?: boolean;
  /** Names of what is left alone, if there are no targets. */
  readonly excludes?: readonly string[];
  /** Names of what is replaced in any case. */
  readonly replaces?: readonly string[];
  readonly continueOnError?: boolean;
  /** Names of what somebody removes by hand before the run. */
  readonly vanish?: readonly string[];
  /** Names under which another checkout of the program makes something before the run, where there is nothing yet. */
  readonly intrude?: readonly string[];
}

export interface Ending {
  /** Whether the run lasted until its fault. */
  readonly struck: boolean;
  readonly summary: DeploymentSummary | undefined;
  /** Errors and warnings. */
  readonly said: readonly string[];
  /** The URNs of what was no longer wanted. */
  readonly unwanted: readonly string[];
}

/** Of a Named there can be one of each name, and what a creation left behind is found by it; of a Plain nobody can tell. */
export const typeOfWish = (name: string): string => (name < "c" ? "fake:index:Named" : "fake:index:Plain");
const parentOf = (name: string): "group" | "stack" => (name > "d" ? "group" : "stack");

/** The URN of what a resource lies in, unless another wish says so. */
export const placeOf = (name: string): string => (parentOf(name) === "group" ? GROUP : STACK);
export const STACK = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev";
const GROUP = "urn:pulumi:dev::proj::test:index:Group::group";
export const urnOfWish = ({ name, under }: Pick<Wish, "name" | "under">): string => {
  const above = under === undefined ? (parentOf(name) === "group" ? "test:index:Group$" : "") : `${typeOfWish(under)}$`;
  return `urn:pulumi:dev::proj::${above}${typeOfWish(name)}::${name}`;
};
