/**
 * Node arguments that end a process soon after the one that started it. Children run in process groups of their own, so nothing else
 * ends them when this process is killed outright.
 */
export const exitWithParent = [
  "--import",
  `data:text/javascript,${encodeURIComponent("const parent = process.ppid; setInterval(() => process.ppid === parent || process.exit(1), 500).unref();")}`,
];
