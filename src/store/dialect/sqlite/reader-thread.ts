/**
 * A second connection, in a thread of its own, for reads that take long: a dashboard's count over a million runs must
 * not delay callers who set a state. It sees all commits, so a caller whose write was acknowledged finds it.
 *
 * Only compiled SQL and rows are exchanged: the thread knows no entities.
 */

import module from 'node:module';
import { dirname } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { OstinatoError } from '../../../core/errors.ts';
import type { Bindable } from '../../queries/sql-dialect.ts';

export interface ReadRequest {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly Bindable[];
}

export type ReadAnswer =
  | { readonly id: number; readonly rows: readonly unknown[]; readonly microseconds: number }
  | { readonly id: number; readonly failure: string };

interface Waiting {
  readonly resolve: (answer: { readonly rows: readonly unknown[]; readonly microseconds: number }) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads that may wait for the thread; further ones are refused, so that a flood of dashboards tries again later. */
const WAITING_MAX = 1000;

/**
 * A thread does not use the compile cache by itself: without it, it would load the type stripper (10 MB) to read its
 * entry.
 */
const START = `const { entry, cache } = require('node:worker_threads').workerData;
if (cache !== null) require('node:module').enableCompileCache(cache);
import(entry);`;
/** Rows are sent as they are read, so nothing grows old here, and a small young generation is collected as quickly. */
const YOUNG_MB_MAX = 8;

export class ReaderThread {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #nextId = 0;

  /** The thread starts with the first read. @param path of a database file */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @returns the rows, and how long the statement took.
   * @throws `store-unavailable` when the thread is lost or too many reads wait
   */
  read(
    sql: string,
    values: readonly Bindable[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly microseconds: number }> {
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(
        new OstinatoError('store-unavailable', `The server has ${WAITING_MAX} long lists to read already.`, {
          remedy: 'Ask again in a moment.',
        }),
      );
    }
    this.#worker ??= this.#start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ id, sql, values } satisfies ReadRequest);
    });
  }

  close(): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
    this.#failAll('The server is closing.');
  }

  #start(): Worker {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const entry = new URL('./reader-entry.ts', import.meta.url).href;
    const cache = module.getCompileCacheDir();
    const worker = new Worker(START, {
      eval: true,
      workerData: { path: this.#path, entry, cache: cache === undefined ? null : dirname(cache) },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX },
    });
    worker.on('message', (answer: ReadAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('rows' in answer) waiting?.resolve(answer);
      else
        waiting?.reject(
          new OstinatoError('store-unavailable', `The list could not be read: ${answer.failure}.`, {
            remedy: 'Ask again; if it stays so, look whether the file of the database is whole.',
          }),
        );
    });
    worker.on('error', (error) =>
      this.#lost(worker, `its thread failed: ${error instanceof Error ? error.message : String(error)}`),
    );
    worker.on('exit', () => this.#lost(worker, 'its thread ended'));
    // After adding the listeners, which would keep the process alive.
    worker.unref();
    return worker;
  }

  /** The next read starts another thread. */
  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#failAll(`The list could not be read: ${why}.`);
  }

  #failAll(message: string): void {
    for (const { reject } of this.#waiting.values())
      reject(new OstinatoError('store-unavailable', message, { remedy: 'Ask again.' }));
    this.#waiting.clear();
  }
}
