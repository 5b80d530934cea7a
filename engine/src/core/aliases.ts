/** The earlier URNs that a resource may be found under in the state. */
import type { Alias, Goal } from "./goal";
import { createUrn, nameOf, qualifiedTypeOf, typeOf } from "./urn";

export interface AliasContext {
  readonly stack: string;
  readonly project: string;
  /** The old URN of a resource that this run found under an alias. */
  oldUrnOf(urn: string): string | undefined;
}

/** In the order in which they are tried. */
export function aliasUrns(goal: Goal, context: AliasContext): string[] {
  const own = goal.aliases.map((alias) => urnOfAlias(alias, goal, context));
  const oldParent = goal.parent === "" ? undefined : context.oldUrnOf(goal.parent);
  if (oldParent === undefined) return [...new Set(own)];
  const inherited = [
    { type: goal.type, name: goal.name },
    ...own.map((urn) => ({ type: typeOf(urn), name: nameOf(urn) })),
  ].map(({ type, name }) => inheritedUrn({ type, name, parent: goal.parent, oldParent }, context));
  return [...new Set([...own, ...inherited])];
}

function urnOfAlias(alias: Alias, goal: Goal, context: AliasContext): string {
  if (alias.urn) return alias.urn;
  // An alias that names a parent which itself has moved means the place where that parent was.
  const named = alias.parent ? (context.oldUrnOf(alias.parent) ?? alias.parent) : goal.parent;
  return createUrn({
    stack: alias.stack || context.stack,
    project: alias.project || context.project,
    type: alias.type || goal.type,
    name: alias.name || goal.name,
    parent: alias.noParent ? undefined : named,
  });
}

interface Child {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly oldParent: string;
}

/** A child whose name begins with its parent's (`app-db` in `app`) was named after the parent's old name. */
function inheritedUrn({ type, name, parent, oldParent }: Child, { stack, project }: AliasContext): string {
  const parentName = nameOf(parent);
  const oldName = name.startsWith(parentName) ? nameOf(oldParent) + name.slice(parentName.length) : name;
  // createUrn would drop the Stack's type; an old parent is never the Stack, whose URN cannot change within a stack.
  return `urn:pulumi:${stack}::${project}::${qualifiedTypeOf(oldParent)}$${type}::${oldName}`;
}
