import { confirmRun } from "../../../src/commands/confirm";
import type { Terminal } from "../../../src/commands/context";
import { timeAgo } from "../../../src/commands/table";

function terminal(answers: string[]): { terminal: Terminal; said: () => string } {
  let said = "";
  return {
    said: () => said,
    terminal: {
      out: (text) => void (said += text),
      err: () => undefined,
      readInput: () => Promise.resolve(undefined),
      ask: (question) => {
        said += question;
        return Promise.resolve(answers.shift() ?? "no");
      },
      interactive: true,
      screen: { write: () => undefined, size: undefined, colour: false },
    },
  };
}

test("yes goes on, details are shown and asked again", async () => {
  const asked = terminal(["details", "what?", "yes"]);
  await confirmRun(asked.terminal, "update", "THE DETAILS\n", true);
  expect(asked.said()).toContain("Do you want to perform this update? [yes/no/details] THE DETAILS\n");
  expect(asked.said().match(/Do you want/g)).toHaveLength(3);
});

test.each(["no", "", "n"])("%j declines, with exit code 1", async (answer) => {
  const asked = terminal([answer]);
  await expect(confirmRun(asked.terminal, "destroy", undefined, false)).rejects.toMatchObject({ exitCode: 1 });
  expect(asked.said()).toContain("perform this destroy without a preview? [yes/no]");
  expect(asked.said()).toContain("confirmation declined, not proceeding with the destroy\n");
});

test.each([
  [0, "now"],
  [1, "1 second ago"],
  [59, "59 seconds ago"],
  [7200, "2 hours ago"],
  [86_400 * 15, "2 weeks ago"],
])("%i seconds are %s", (seconds, text) => {
  const now = new Date("2026-06-01T00:00:00Z");
  expect(timeAgo(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
});
