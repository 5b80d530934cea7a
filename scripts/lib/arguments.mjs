// Reads the arguments of our own scripts.

/**
 * Splits arguments into words and options: { words, options }. `known` maps an option to true where it takes a value, e.g.
 * { "--stack": true, "-n": true }. Whatever is not known is an error that shows the usage.
 */
export function parse(args, known, usage) {
  const words = [];
  const options = {};
  for (let i = 0; i < args.length; i += 1) {
    const [, name, inline] = /^(-[a-zA-Z]|--[\w-]+)(?:=(.*))?$/s.exec(args[i]) ?? [];
    if (!name) {
      words.push(args[i]);
      continue;
    }
    if (!(name in known)) throw new Error(`Unknown option ${name}.\n${usage}`);
    const value = known[name] ? (inline ?? args[(i += 1)]) : true;
    if (value === undefined) throw new Error(`${name} needs a value.\n${usage}`);
    options[name] = value;
  }
  return { words, options };
}
