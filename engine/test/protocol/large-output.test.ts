/** What a command prints arrives whole, however much it is and however slowly it is read. */
import { buildEngine, RealStack, removeEngine } from "../support/real-engine";

beforeAll(buildEngine);
afterAll(removeEngine);

test("an exported state of some MiB goes whole through a pipe; a reader that goes away ends the command", async () => {
  const stack = await RealStack.make();
  try {
    await stack.up([{ name: "large", bulk: 3_000_000 }]);
    const { out, code } = await stack.run(["stack", "export"], 'exec 3>&1; "$0" "$@" | (sleep 1; cat) >&3; exit;');
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(3_000_000);
    expect(JSON.parse(out)).toMatchObject({ version: 3 });
    const cut = await stack.run(["stack", "export"], '"$0" "$@" | head -c 10; exit;');
    expect(cut).toMatchObject({ out: expect.stringMatching(/^.{10}$/s) as string, err: "" });
  } finally {
    stack.dispose();
  }
});
