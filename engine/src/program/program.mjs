// What happens in the program's process before its own first line. `?debug`: somebody wants to read the debug messages.
import "./exit-with-parent.mjs";
import { errorsWithoutColour } from "./errors-without-colour.mjs";
import { lazyTypeScript } from "./lazy-typescript.mjs";
import {
  debugMessagesUnsent,
  loadSeldomNeededLate,
  promisesWithoutStack,
  scriptsWhenAsked,
  stacksOfOneFrame,
  whenLoaded,
} from "./sdk.mjs";

errorsWithoutColour();
loadSeldomNeededLate();
lazyTypeScript();
whenLoaded(/\/v8Hooks$/, scriptsWhenAsked);
whenLoaded(/\/resource$/, stacksOfOneFrame);
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) whenLoaded(/\/debuggable$/, promisesWithoutStack);
if (!new URL(import.meta.url).searchParams.has("debug")) whenLoaded(/\/log$/, debugMessagesUnsent);
