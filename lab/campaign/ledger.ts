/** The table in the site's database that counts every POST that reached a replica. */
import type { Outcome } from "./load/exchange";

export interface LedgerFindings {
  /** POSTs whose answer was right. */
  acknowledged: number;
  /** Of these, the ones that the database does not have. */
  lost: string[];
  /** POSTs that the database has more than once. */
  doubled: string[];
  /** POSTs that the database has and whose answer did not arrive: counted as errors, not here. */
  unanswered: number;
}

/** Compares what clients were told with what the database has. Pure. */
export function settle(outcomes: readonly Outcome[], rows: ReadonlyMap<string, number>): LedgerFindings {
  const posts = outcomes.filter(({ planned }) => planned.method === "POST");
  const acknowledged = posts.filter(({ problem }) => problem === undefined);
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(({ nonce }) => !rows.has(nonce)).map(({ nonce }) => nonce),
    doubled: [...rows].filter(([, count]) => count > 1).map(([nonce]) => nonce),
    unanswered: posts.filter(({ nonce, problem }) => problem !== undefined && rows.has(nonce)).length,
  };
}

/** Runs SQL in the stack's database and answers with its rows, columns separated by tabs. */
export type Query = (sql: string) => Promise<string>;

export async function createLedger(query: Query): Promise<void> {
  await query("DROP TABLE IF EXISTS campaign_posts");
  // No unique key: a POST that was carried out twice must be seen twice.
  await query(
    "CREATE TABLE campaign_posts (id INT AUTO_INCREMENT PRIMARY KEY, nonce VARCHAR(64) NOT NULL, sha256 CHAR(64) NOT NULL, replica VARCHAR(80) NOT NULL, at TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3), KEY (nonce))",
  );
}

/** Nonce to number of rows, of all nonces that begin so. */
export async function readLedger(query: Query, prefix: string): Promise<Map<string, number>> {
  const sql = `SELECT nonce, COUNT(*) FROM campaign_posts WHERE nonce LIKE '${prefix}-%' GROUP BY nonce`;
  const lines = (await query(sql)).split(/\r?\n/).filter((line) => line.includes("\t"));
  return new Map(
    lines.map((line) => {
      const [nonce = "", count = ""] = line.split("\t");
      return [nonce, Number(count)];
    }),
  );
}
