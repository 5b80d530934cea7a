import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** What a program folder need not have. `node_modules` is linked. */
const LEFT_OUT = ["node_modules", ".git", ".state", "coverage", "docs", "engine", "lab", "ops", "test"];
const root = path.resolve(__dirname, "../..");

/** A copy of the program, whose `site/` can be changed as a user changes it; no other stack's images get the change. */
export class ProgramCopy implements Disposable {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "program-copy-"));

  constructor(from = root) {
    for (const name of fs.readdirSync(from)) {
      if (LEFT_OUT.includes(name) || /^Pulumi\..+\.yaml$/.test(name)) continue;
      fs.cpSync(path.join(from, name), path.join(this.folder, name), { recursive: true });
    }
    fs.symlinkSync(path.join(from, "node_modules"), path.join(this.folder, "node_modules"));
  }

  /** Writes a must-use plugin of the site. */
  mustUse(name: string, code: string): void {
    fs.writeFileSync(path.join(this.folder, "site/mu-plugins", name), code);
  }

  /** Takes a must-use plugin of the site away again. */
  remove(name: string): void {
    fs.rmSync(path.join(this.folder, "site/mu-plugins", name));
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
