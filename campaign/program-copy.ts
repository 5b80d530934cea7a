import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** What a program folder need not have. `node_modules` is linked. */
const LEFT_OUT = ["node_modules", ".git", ".state", "campaign", "coverage", "docs", "engine", "test"];

/**
 * A copy of the program whose `site/` has the probe. It deploys the product as it is, plus one plugin of the site's, and a new release
 * of that plugin is a new revision of the replicas: what a user does who changes `site/`. No other stack's images get the probe.
 */
export class ProgramCopy implements Disposable {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "campaign-program-"));

  constructor(root: string) {
    for (const name of fs.readdirSync(root)) {
      if (LEFT_OUT.includes(name) || /^Pulumi\..+\.yaml$/.test(name)) continue;
      fs.cpSync(path.join(root, name), path.join(this.folder, name), { recursive: true });
    }
    fs.symlinkSync(path.join(root, "node_modules"), path.join(this.folder, "node_modules"));
    fs.copyFileSync(path.join(root, "campaign/site/campaign-probe.php"), path.join(this.plugins, "campaign-probe.php"));
    this.release(0);
  }

  /** Makes the site's code another; the same number is the same code. */
  release(number: number): void {
    fs.writeFileSync(path.join(this.plugins, "campaign-release.php"), `<?php\n// Release ${number}.\n`);
  }

  private get plugins(): string {
    return path.join(this.folder, "site/mu-plugins");
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
