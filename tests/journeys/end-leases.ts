import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The leases of a server that is gone are over. */
export function endLeases(home: string): void {
  const database = new DatabaseSync(join(home, 'ostinato.db'));
  database.exec(
    'PRAGMA busy_timeout = 5000; UPDATE automation_action SET due_at = created_at WHERE due_at IS NOT NULL; ' +
      'UPDATE alert SET due_at = opened_at, leased_until = NULL WHERE leased_until IS NOT NULL',
  );
  database.close();
}
