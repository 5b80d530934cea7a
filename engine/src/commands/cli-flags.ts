/** Flags of the CLI 3.260 that this engine does not have: refused by name, on the command line and in PULUMI_OPTION_…. */
const LACKING: Readonly<Record<string, string>> = {
  up: "attach-debugger config-path ignore-protect neo override-env policy-pack policy-pack-config run-program secrets-provider show-config show-full-output show-policy-remediations show-reads show-replacement-steps show-sames skip-config-validation skip-plugin-pre-install strict urns",
  preview:
    "attach-debugger config-path ignore-protect import-file neo override-env policy-pack policy-pack-config run-program save-plan show-config show-full-output show-policy-remediations show-reads show-replacement-steps show-sames skip-config-validation skip-plugin-pre-install urns",
  destroy:
    "config config-path exclude-protected ignore-protect neo override-env run-program show-config show-full-output show-replacement-steps show-sames skip-config-validation skip-plugin-pre-install urns",
  refresh:
    "config config-path import-pending-creates neo override-env run-program show-replacement-steps show-sames skip-config-validation skip-pending-creates skip-plugin-pre-install urns",
  config: "open",
  "config get": "open",
  "config set-all": "json",
  stack: "output",
  "stack init": "copy-config-from teams yes",
  "stack select": "secrets-provider",
  "stack ls": "organization output project tag",
  "stack export": "version",
  "": "disable-integrity-checking emoji fully-qualify-stack-names logflow logtostderr memprofilerate otel-traces profiling tracing verbose",
};

/** Those that take no value: off is what happens here anyway. */
const SWITCHES = new Set(
  "config-path disable-integrity-checking emoji exclude-protected fully-qualify-stack-names ignore-protect json logflow logtostderr neo open run-program show-config show-full-output show-policy-remediations show-reads show-replacement-steps show-sames skip-config-validation skip-pending-creates skip-plugin-pre-install strict urns yes".split(
    " ",
  ),
);

export interface LackingFlag {
  readonly name: string;
  readonly isSwitch: boolean;
}

/** What the CLI has for a command, and this engine has not. */
export function lackingFlags(command: string): LackingFlag[] {
  const names = `${LACKING[command] ?? ""} ${LACKING[""] ?? ""}`.trim().split(" ");
  return names.map((name) => ({ name, isSwitch: SWITCHES.has(name) }));
}
