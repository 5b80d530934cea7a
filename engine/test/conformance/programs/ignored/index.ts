import { Thing, step } from "../../world";

const nested = { x: step, y: step, deep: { list: [step, step] } };
const items = Array.from({ length: step === 3 ? 3 : 2 }, (_, i) => ({ v: step * 10 + i, w: i }));
const ignoreChanges = (paths: string[]): { ignoreChanges: string[] } => ({ ignoreChanges: step < 4 ? paths : [] });
new Thing("whole", { size: step, kind: `k${step}` }, ignoreChanges(["size", "kind"]));
new Thing("parts", { nested }, ignoreChanges(["nested.x", "nested.deep.list[1]"]));
new Thing("quoted", { "a.b": step, c: step }, ignoreChanges(['["a.b"]']));
new Thing("absent", step === 1 ? {} : { size: step }, ignoreChanges(["size"]));
new Thing("dropped", step === 1 ? { size: 1, other: 1 } : { other: step }, ignoreChanges(["size"]));
new Thing("all", { size: step }, ignoreChanges(["*"]));
if (step !== 3) new Thing("each", { items }, ignoreChanges(["items[*].v"]));
