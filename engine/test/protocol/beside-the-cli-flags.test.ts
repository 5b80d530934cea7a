/** What a run is about, and how it goes on after an error: the same scenes by this engine and by the real CLI. */
import { describeWhere, onPath } from "../support/real-provider";
import { play, type Scene } from "../support/flag-scenes";

/** `b` needs `a`, `c` needs `b`, `d` needs none. */
const chain = (size: number): string => `
  const a = new Thing("a", { size: ${size} });
  const b = new Thing("b", { size: ${size}, see: a.made });
  new Thing("c", { size: ${size}, see: b.made });
  new Thing("d", { size: ${size} });
`;
const [before, after] = [chain(1), chain(2)];

const SCENES: readonly Scene[] = [
  { before, after, args: ["up", "--target", "**::a", "--target-dependents"] },
  {
    before,
    after: `new Thing("a", { size: 2 }); new Thing("d", { size: 2 });`,
    args: ["up", "--target", "**::a", "--target-dependents"],
  },
  { before, args: ["destroy", "--target", "**::b", "--target-dependents"] },
  { before, args: ["refresh", "--target", "**::b", "--target-dependents"] },
  { before, after, args: ["up", "--exclude", "**::b"] },
  { before, after: "", args: ["up", "--exclude", "**::b"] },
  { before, after, args: ["up", "--exclude", "**::b", "--exclude-dependents"] },
  { before, args: ["destroy", "--exclude", "**::b"] },
  { before, args: ["refresh", "--exclude", "**::b", "--exclude-dependents"] },
  { before, args: ["up", "--replace", "**"] },
  { before: `new Thing("a", {}, { parent: new Group("g") });`, args: ["up", "--replace", "**::g"] },
  { before, after, args: ["up", "--target-replace", "**::b"] },
  { before, after, args: ["up", "--continue-on-error"], fails: "update b" },
  {
    before: `const x = new Thing("x"); new Thing("y", { see: x.made }); new Thing("gone");`,
    after: `new Thing("y", { size: 2 });`,
    args: ["up", "--continue-on-error"],
    fails: "update y",
  },
  {
    before,
    after: `
      const a = new Thing("a", { size: 1, base: 2, first: "create" });
      const b = new Thing("b", { size: 2, see: a.made });
      new Thing("c", { size: 2, see: b.made });
      new Thing("d", { size: 2 });
    `,
    args: ["up", "--continue-on-error"],
    fails: "update b",
  },
  { before, args: ["destroy", "--continue-on-error"], fails: "delete b" },
];

describeWhere(onPath("pulumi") !== undefined, "`pulumi` on PATH", "beside the real CLI", () => {
  const named = SCENES.map((scene, i) => [`${i + 1}: ${scene.args.join(" ")}`, scene] as const);
  test.each(named)("%s: the same steps, the same state, and the same things exist", async (_name, scene) => {
    const { output: said, ...ours } = await play("engine", scene);
    const { output: theySaid, ...theirs } = await play("cli", scene);
    if (ours.ok !== theirs.ok) throw new Error(`this engine:\n${said}\nthe CLI:\n${theySaid}`);
    expect(ours).toEqual(theirs);
  });
});
