import { COMMANDS } from "../../../src/commands/catalog";
import { GLOBAL_FLAGS } from "../../../src/commands/grammar";
import { helpText } from "../../../src/commands/help";
import { understand } from "../../../src/commands/run";

const named = (line: string): string | undefined => understand(line.split(" ")).command?.names[0];
const args = (line: string): string[] => understand(line.split(" ")).line.args;

test.each([
  ["up", "up"],
  ["update", "up"],
  ["pre", "preview"],
  ["--stack dev up", "up"],
  ["-C dir -s dev stack output url", "stack output"],
  ["stack --stack dev output", "stack output"],
  ["stack", "stack"],
  ["config", "config"],
  ["config delete k", "config rm"],
  ["-s stack config get k", "config get"],
])("`%s` is %s", (line, name) => {
  expect(named(line)).toBe(name);
});

test("flags in every form that the CLI takes", () => {
  const { flags } = understand(
    "up -yf --stack=dev -p 4 --target urn:a -t urn:b --config hosts=a,b --refresh=false --expect-no-changes -C../x".split(
      " ",
    ),
  ).line;
  expect([flags.is("yes"), flags.is("skip-preview"), flags.is("refresh"), flags.is("expect-no-changes")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect([flags.text("stack"), flags.number("parallel"), flags.text("cwd")]).toEqual(["dev", 4, "../x"]);
  expect(flags.list("target")).toEqual(["urn:a", "urn:b"]);
  expect(flags.list("config")).toEqual(["hosts=a,b"]);
});

test("a switch is set by whatever Go reads as a boolean; not given is neither on nor off", () => {
  const refresh = (line: string): boolean | undefined => understand(line.split(" ")).line.flags.choice("refresh");
  expect([refresh("up"), refresh("up -r"), refresh("up --refresh=T"), refresh("up --refresh=False")]).toEqual([
    undefined,
    true,
    true,
    false,
  ]);
  expect(() => refresh("up --refresh=maybe")).toThrow('invalid argument "maybe" for --refresh');
});

test("what follows -- is an argument, whatever it looks like", () => {
  expect(args("config set k -- -1")).toEqual(["k", "-1"]);
  expect(args("config set --secret k --plain=1x".replace("--plain=1x", "-- --y"))).toEqual(["k", "--y"]);
});

describe("what is unknown or wrong is refused by name, with exit code 2", () => {
  test.each([
    ["watch", 'unknown command "watch" for "pulumi". This engine does not have it: use the Pulumi CLI for it'],
    ["stack tag", 'unknown command "tag" for "pulumi stack"'],
    ["config env", 'unknown command "env" for "pulumi config"'],
    ["up --plan x", "unknown flag: --plan. This engine does not have it: use the Pulumi CLI for it"],
    ["up -Z", "unknown shorthand flag: 'Z' in -Z"],
    ["config set k -1", "Put `--` before a value that begins with a dash"],
    ["up --stack", "flag needs an argument: --stack"],
    ["up --parallel=-1", 'invalid argument "-1" for --parallel: expected a whole number, at least 0'],
    ["stack history --page 0", 'invalid argument "0" for --page: expected a whole number, at least 1'],
    ["up --yes=maybe", 'invalid argument "maybe" for --yes'],
    ["config get", "`pulumi config get` needs <key>"],
    ["config get a b", "takes at most 1 argument(s), but 2 were given: a b"],
    ["version x", "takes at most 0 argument(s)"],
  ])("`%s`", (line, message) => {
    expect(() => understand(line.split(" "))).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
    expect(() => understand(line.split(" "))).toThrow(message);
  });
});

describe("help", () => {
  test("of all names every command", () => {
    const text = helpText(COMMANDS);
    for (const { names } of COMMANDS) expect(text).toContain(`  ${names[0] ?? ""} `);
  });

  test.each(COMMANDS.map((command) => [command.names[0] ?? "", command] as const))(
    "of `%s` names its flags",
    (name, command) => {
      const text = helpText(COMMANDS, command);
      expect(text).toContain(`pulumi ${name}`);
      for (const flag of [...(command.flags ?? []), ...GLOBAL_FLAGS]) expect(text).toContain(`--${flag.name}`);
    },
  );

  test("is shown although arguments are missing", () => {
    expect(understand(["config", "set", "--help"]).line.flags.is("help")).toBe(true);
  });
});

test("no command has two flags of one name or letter", () => {
  for (const { flags = [] } of COMMANDS) {
    const all = [...flags, ...GLOBAL_FLAGS];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    const letters = all.map(({ short }) => short).filter((short) => short !== undefined);
    expect(new Set(letters).size).toBe(letters.length);
  }
});
