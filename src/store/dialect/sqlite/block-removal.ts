import type { Connection } from './connection.ts';

/** Inside a transaction: the document, and the references from and to it. */
export function removeBlockDocument(connection: Connection, id: Uint8Array): void {
  connection.statement('DELETE FROM block_reference WHERE parent_id = ? OR reference_id = ?').run(id, id);
  connection.statement('DELETE FROM block_document WHERE id = ?').run(id);
}
