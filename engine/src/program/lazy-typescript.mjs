// The SDK runs a TypeScript program through ts-node, which keeps what it compiled on disk; and loads the compiler all the same, 0.4 s, to
// ask it for its version and for what tsconfig.json says. Here these answers are kept too, and it is loaded when something has to be
// compiled.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { insteadOfLoading, standIn } from "./sdk.mjs";

/** Who asks only what is answered here. Anybody else gets the compiler itself. */
const ASKS_LITTLE = /[\\/](@pulumi[\\/]pulumi|ts-node)[\\/]/;
/** ts-node ignores them too: outputs over inputs, and no inputs. */
const HARMLESS = [6059, 18002, 18003];

export function lazyTypeScript() {
  const compilers = new Map();
  insteadOfLoading((request, load, parent) => {
    if (request !== "typescript" || !ASKS_LITTLE.test(parent?.filename ?? "")) return undefined;
    const path = resolved(parent.filename);
    if (path === undefined) return undefined;
    if (!compilers.has(path)) compilers.set(path, compiler(path, load));
    return compilers.get(path);
  });
}

/** undefined: there is none, which the loader says best. */
function resolved(from) {
  try {
    return createRequire(from).resolve("typescript/package.json");
  } catch {
    return undefined;
  }
}

function compiler(packagePath, load) {
  const { version } = JSON.parse(readFileSync(packagePath, "utf8"));
  const memory = new Memory(join(dirname(dirname(packagePath)), ".cache", "wordpress-autoscaling-engine"), version);
  return standIn(load, {
    version,
    __esModule: undefined,
    sys: standIn(() => load().sys, {
      readFile: (...args) => load().sys.readFile(...args),
      fileExists: (...args) => load().sys.fileExists(...args),
    }),
    formatDiagnostics: (...args) => load().formatDiagnostics(...args),
    formatDiagnosticsWithColorAndContext: (...args) => load().formatDiagnosticsWithColorAndContext(...args),
    get JsxEmit() {
      return memory.recall(["JsxEmit"], () => load().JsxEmit);
    },
    parseConfigFileTextToJson: (path, text) =>
      memory.recall(["text", path, text], () => load().parseConfigFileTextToJson(path, text), isRight),
    readConfigFile(path, readFile) {
      const read = () => load().readConfigFile(path, readFile);
      const text = textOf(path);
      return text === undefined ? read() : memory.recall(["file", path, text], read, isRight);
    },
    parseJsonConfigFileContent(config, host, folder, options, path) {
      const parse = () => load().parseJsonConfigFileContent(config, host, folder, options, path);
      // Another file has a say.
      if (config.extends !== undefined) return parse();
      const isKept = ({ errors }) => errors.every(({ code }) => HARMLESS.includes(code));
      const essence = ({ options: parsed }) => ({ options: parsed, errors: [], fileNames: [] });
      return memory.recall(["options", config, folder, options, path], parse, isKept, essence);
    },
  });
}

const isRight = ({ error }) => error === undefined;

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Answers, on disk, to questions that always have the same answer. A disk that does not keep them costs time, no more. */
class Memory {
  constructor(folder, version) {
    this.folder = folder;
    this.version = version;
  }

  /** `essence`: what is kept of the answer, and given in its place. */
  recall(question, ask, isKept = () => true, essence = (answer) => answer) {
    const hash = createHash("sha256")
      .update(JSON.stringify([this.version, question]))
      .digest("hex");
    const file = join(this.folder, `${hash}.json`);
    try {
      return JSON.parse(readFileSync(file, "utf8"));
    } catch {
      // Never asked, or not readable.
    }
    const answer = ask();
    if (!isKept(answer)) return answer;
    const kept = essence(answer);
    try {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(kept));
      renameSync(`${file}.${process.pid}`, file);
    } catch {
      // Asked again next time.
    }
    return kept;
  }
}
