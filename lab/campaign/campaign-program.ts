import * as fs from "node:fs";
import * as path from "node:path";
import { ProgramCopy } from "../driver/program-copy";

/**
 * A copy of the program whose `site/` has the probe. It deploys the product as it is, plus one plugin of the site's, and a new release
 * of that plugin is a new revision of the replicas.
 */
export class CampaignProgram extends ProgramCopy {
  constructor(root: string) {
    super(root);
    this.mustUse(
      "campaign-probe.php",
      fs.readFileSync(path.join(root, "lab/campaign/site/campaign-probe.php"), "utf8"),
    );
    this.release(0);
  }

  /** Makes the site's code another; the same number is the same code. */
  release(number: number): void {
    this.mustUse("campaign-release.php", `<?php\n// Release ${number}.\n`);
  }
}
