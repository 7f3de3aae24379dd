/**
 * Whether everything that this process has written is still in the database. SQLite's own ways of restoring
 * (`.restore`, the backup interface) put older content into a file by a transaction like any other.
 *
 * 1. A number of this process stands in the database, and grows a few times a second while the process writes: a backup
 *    from before holds a smaller one, or none.
 * 2. It is read again when somebody else has changed the database, which SQLite tells for a microsecond
 *    (`data_version`).
 * 3. Nobody is held up by it: what cannot be written just now is written with the next look. A process that ends within
 *    a quarter of a second leaves none.
 */

import type { Connection } from './connection.ts';

const EVERY_MS = 250;
/** Seconds that marks are kept which killed processes and backups leave behind. */
const KEPT_SECONDS = 7 * 86_400;
/** Shortest interval of renewal, lest others take the mark of a process that writes nothing for an abandoned one. */
const RENEWED_MS = 86_400_000;

const WRITE =
  "INSERT OR REPLACE INTO configuration (key, value, updated_at) VALUES ('mark.' || ?, ?, unixepoch() * 1000000)";
const READ = "SELECT value FROM configuration WHERE key = 'mark.' || ?";
const REMOVE = "DELETE FROM configuration WHERE key = 'mark.' || ?";
const REMOVE_OLD = `DELETE FROM configuration WHERE key GLOB 'mark.*' AND updated_at < (unixepoch() - ${KEPT_SECONDS}) * 1000000`;

export class ContentMark {
  readonly #connection: Connection;
  #name = '';
  /** The number in the database; 0: none yet. */
  #number = 0;
  #version: unknown = null;
  #triedAtMs = performance.now();
  #hasUnmarked = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether the database has lost what this process wrote. @param hasWritten whether it wrote since the last check */
  isForgotten(hasWritten: boolean): boolean {
    if (!this.#connection.db.isOpen || this.#connection.db.isTransaction) return false;
    this.#hasUnmarked ||= hasWritten;
    if (this.#number > 0 && this.#isOlder()) return true;
    const ageMs = performance.now() - this.#triedAtMs;
    if (this.#hasUnmarked ? ageMs >= EVERY_MS : this.#number > 0 && ageMs >= RENEWED_MS) this.#mark();
    return false;
  }

  /** Called when the process writes no more. */
  remove(): void {
    if (this.#number === 0 || !this.#connection.db.isOpen) return;
    this.#quietly(() => this.#connection.statement(REMOVE).run(this.#name));
  }

  #isOlder(): boolean {
    return (
      this.#quietly(() => {
        const version = this.#connection.statement('PRAGMA data_version').get()?.['data_version'];
        if (version === this.#version) return false;
        const isOlder = Number(this.#connection.statement(READ).get(this.#name)?.['value'] ?? 0) < this.#number;
        this.#version = version;
        return isOlder;
      }) ?? false
    );
  }

  #mark(): void {
    this.#triedAtMs = performance.now();
    this.#quietly(() => {
      if (this.#name === '') {
        this.#name = String(this.#connection.statement('SELECT hex(randomblob(16)) AS name').get()?.['name']);
        this.#connection.statement(REMOVE_OLD).run();
      }
      this.#connection.statement(WRITE).run(this.#name, String(this.#number + 1));
      this.#number += 1;
      this.#hasUnmarked = false;
    });
  }

  /** Ignores locks and full disks: the writes that matter report those. */
  #quietly<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}
