/**
 * A second connection, in a thread of its own, for reads that take long: a dashboard's count over a million runs must not
 * hold up the callers who only want to set a state. It sees what is committed, so whoever was acknowledged finds his write.
 *
 * Only compiled SQL goes over and rows come back: the thread knows nothing of nouns.
 */

import module from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OstinatoError } from '../../../core/errors.ts';
import type { Bindable } from '../../queries/spelling.ts';

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

/** Reads that may wait for the thread; more are refused, so that a flood of dashboards is told to come again. */
const WAITING_MAX = 1000;

/** A thread has no compile cache of its own accord: without it, it would load what strips types (10 MB) to read its entry. */
const START = `const { entry, cache } = require('node:worker_threads').workerData;
if (cache !== null) require('node:module').enableCompileCache(cache);
import(entry);`;
/** Rows go over as they are read: nothing grows old here, and a small space for what is young is cleared as quickly. */
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

  /** @returns the rows, and how long the statement took. `store-unavailable` when the thread is lost or has too much to do */
  read(sql: string, values: readonly Bindable[]): Promise<{ readonly rows: readonly unknown[]; readonly microseconds: number }> {
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(new OstinatoError('store-unavailable', `The server has ${WAITING_MAX} long lists to read already.`, { remedy: 'Ask again in a moment.' }));
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
    const built = import.meta.url.endsWith('.js');
    const entry = new URL(built ? './reader-entry.js' : './reader-entry.ts', import.meta.url).href;
    const cache = module.getCompileCacheDir();
    const worker = new Worker(START, {
      eval: true, workerData: { path: this.#path, entry, cache: cache === undefined ? null : dirname(cache) }, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX },
    });
    worker.on('message', (answer: ReadAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('rows' in answer) waiting?.resolve(answer);
      else waiting?.reject(new OstinatoError('store-unavailable', `The list could not be read: ${answer.failure}.`));
    });
    worker.on('error', (error) => this.#lost(worker, `its thread failed: ${error instanceof Error ? error.message : String(error)}`));
    worker.on('exit', () => this.#lost(worker, 'its thread ended'));
    // After the listeners, which hold the process open.
    worker.unref();
    return worker;
  }

  /** The next read starts another. */
  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#failAll(`The list could not be read: ${why}.`);
  }

  #failAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new OstinatoError('store-unavailable', message, { remedy: 'Ask again.' }));
    this.#waiting.clear();
  }
}
