import type { Statements, Work } from '../driver.ts';
import type { IdValue } from '../id-value.ts';

/** Inside a transaction: the document, and the references from and to it. */
export function* removeBlockDocument(db: Statements, id: IdValue): Work<void> {
  yield* db.run('DELETE FROM block_reference WHERE parent_id = ? OR reference_id = ?', id, id);
  yield* db.run('DELETE FROM block_document WHERE id = ?', id);
}
