// The engine starts this process before it knows all that it is to run: it is still loading itself, and deriving the stack's key. What
// every program needs is loaded meanwhile. Then descriptor 3 says `{ args, env }`, a line of JSON; or nothing at all: the process is not
// needed.
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { checkedTypes } from "./checked-types.mjs";

try {
  createRequire(process.argv[1])("@pulumi/pulumi");
} catch {
  // Whoever needs it says best what is wrong with it.
}
const decideOnTypes = checkedTypes();
let order = "";
for await (const text of new Socket({ fd: 3 }).setEncoding("utf8")) {
  order += text;
  if (order.endsWith("\n")) break;
}
if (order === "") process.exit(0);
const { args, env } = JSON.parse(order);
process.argv.push(...args);
Object.assign(process.env, env);
decideOnTypes();
