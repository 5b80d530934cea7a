// What happens in the process of a provider of the program's own, which loads the SDK as well, before its first line.
import "./exit-with-parent.mjs";
import { loadSeldomNeededLate } from "./sdk.mjs";

loadSeldomNeededLate();
