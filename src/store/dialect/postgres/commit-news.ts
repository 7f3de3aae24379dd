/**
 * Notices of commits, by this process and by others on the database: sent by `NOTIFY` with the commit, received on a
 * connection of their own.
 *
 * 1. It is opened for the first listener, and closed with the last one: a process that streams nothing has none.
 * 2. What this process committed is told without the database's help; its own notices are passed over.
 * 3. A connection that is lost is opened again. What was committed meanwhile is told once it is.
 */

import { Client } from 'pg';
import { CommitListeners } from '../../commit-listeners.ts';
import { COMMIT_CHANNEL } from './statements.ts';

const AGAIN_MS = 1000;
const CONNECT_MS_MAX = 10_000;

export interface CommitNewsParts {
  readonly url: string;
  readonly description: string;
  readonly onNotice: (message: string) => void;
}

export class CommitNews {
  /** Tells the notices of other processes from our own. */
  readonly name = Math.random().toString(36).slice(2);
  readonly #parts: CommitNewsParts;
  readonly #listeners = new CommitListeners();
  #client: Client | null = null;
  #opening: Promise<void> | null = null;
  #again: NodeJS.Timeout | null = null;
  #isTold = false;
  #isClosed = false;

  constructor(parts: CommitNewsParts) {
    this.#parts = parts;
  }

  add(listener: () => void): () => void {
    const leave = this.#listeners.add(listener);
    this.#open();
    return () => {
      leave();
      if (this.#listeners.count === 0) void this.#end();
    };
  }

  /** Calls the listeners after a commit of this process. */
  tell(): void {
    this.#listeners.tell();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  #open(): void {
    if (this.#isClosed || this.#client !== null || this.#again !== null) return;
    const client = new Client({
      connectionString: this.#parts.url,
      application_name: 'ostinato',
      // Closing waits for a connection that is being made; one that nothing is sent over is lost without a word.
      connectionTimeoutMillis: CONNECT_MS_MAX,
      keepAlive: true,
    });
    this.#client = client;
    client.on('notification', ({ payload }) => {
      if (payload !== this.name) this.tell();
    });
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('The connection has ended')));
    this.#opening = this.#listen(client);
  }

  async #listen(client: Client): Promise<void> {
    try {
      await client.connect();
      await client.query(`LISTEN ${COMMIT_CHANNEL}`);
      this.#isTold = false;
      this.tell();
    } catch (error) {
      this.#lost(client, error as Error);
    }
  }

  #lost(client: Client, error: Error): void {
    if (this.#client !== client) return;
    this.#client = null;
    void client.end().catch(() => undefined);
    if (this.#isClosed || this.#listeners.count === 0) return;
    if (!this.#isTold)
      this.#parts.onNotice(
        `Commits of others on ${this.#parts.description} are not heard of for now, but looked for: ${error.message}`,
      );
    this.#isTold = true;
    this.#again = setTimeout(() => {
      this.#again = null;
      if (this.#listeners.count > 0) this.#open();
    }, AGAIN_MS).unref();
  }

  async #end(): Promise<void> {
    if (this.#again !== null) clearTimeout(this.#again);
    this.#again = null;
    const client = this.#client;
    this.#client = null;
    await this.#opening;
    await client?.end().catch(() => undefined);
  }
}
