const SPACE = /[ \t\r\n]*/y;
const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y; // eslint-disable-line no-control-regex

/**
 * Where a text stops being JSON, as an offset; its length when it was cut off. V8 says so only for some mistakes.
 *
 * INVARIANT: `open` holds the brackets that are open; `expect` is what may come next at `at`.
 */
export function jsonErrorOffset(text: string): number {
  let at = 0;
  const open: ("{" | "[")[] = [];
  let expect: "value" | "first" | "key" | "next" = "value";
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found !== null;
  };
  const colon = (): boolean => {
    match(SPACE);
    if (text[at] !== ":") return false;
    at++;
    return true;
  };
  for (match(SPACE); at < text.length; match(SPACE)) {
    const character = text[at] ?? "";
    const inside = open.at(-1);
    if (expect === "next") {
      if (inside === undefined) return at;
      if (character === ",") expect = inside === "{" ? "key" : "value";
      else if (character === (inside === "{" ? "}" : "]")) open.pop();
      else return at;
      at++;
    } else if (expect === "first" && character === (inside === "{" ? "}" : "]")) {
      open.pop();
      at++;
      expect = "next";
    } else if (expect === "key" || (expect === "first" && inside === "{")) {
      if (character !== '"' || !match(SCALAR) || !colon()) return at;
      expect = "value";
    } else if (character === "{" || character === "[") {
      open.push(character);
      at++;
      expect = "first";
    } else {
      if (!match(SCALAR)) return at;
      expect = "next";
    }
  }
  return at;
}
