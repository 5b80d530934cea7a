import { TestStack } from "../support/test-stack";

describe("customTimeouts", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("each operation gets its own, in seconds; the state keeps them for a destroy without the program", async () => {
    const seen: [string, number][] = [];
    const { onCreate, onUpdate, onDelete } = stack.provider;
    stack.provider.onCreate = (request) => {
      seen.push(["create", request.timeoutSeconds]);
      return onCreate(request);
    };
    stack.provider.onUpdate = (request) => {
      seen.push(["update", request.timeoutSeconds]);
      return onUpdate(request);
    };
    stack.provider.onDelete = (request) => {
      seen.push(["delete", request.timeoutSeconds]);
      return onDelete(request);
    };
    const program = (size: number): string =>
      `new Thing("a", { size: ${size} }, { customTimeouts: { create: "1m30s", update: "500ms", delete: "2h" } });`;
    await stack.up(program(1));
    expect(stack.get("a").customTimeouts).toEqual({ create: 90, update: 0.5, delete: 7200 });
    await stack.up(program(2));
    await stack.run("destroy");
    expect(seen).toEqual([
      ["create", 90],
      ["update", 0.5],
      ["delete", 7200],
    ]);
  });

  test("a refresh, and the look at what is imported, get the one for reading", async () => {
    const seen: (number | undefined)[] = [];
    const { onRead } = stack.provider;
    stack.provider.onRead = (request) => {
      seen.push(request.timeoutSeconds);
      return request.id === "there" ? { id: "there", inputs: {}, outputs: {} } : onRead(request);
    };
    stack.program = `
      new Thing("a", {}, { customTimeouts: { read: "90s" } });
      new Thing("b", {}, { import: "there", customTimeouts: { read: "2m" } });
      new Thing("c");
    `;
    expect((await stack.run("update")).errors).toEqual([]);
    expect(seen).toEqual([120]);
    await stack.run("refresh");
    expect(seen.sort()).toEqual([0, 120, 120, 90]);
    stack.provider.onRead = onRead;
  });

  test("one that is no duration is refused by the preview", async () => {
    stack.program = `new Thing("a", {}, { customTimeouts: { create: "soon" } });`;
    const { errors } = await stack.run("preview");
    expect(errors.join()).toContain('invalid custom timeout "soon": write a duration such as "90s", "10m" or "1h30m"');
  });
});
