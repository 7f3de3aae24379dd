/** How the conformance suite gets hold of a store; a dialect's test file says how to open one. */
import type { Storage } from '../../src/store/port.ts';

export interface StorageUnderTest {
  readonly storage: Storage;
  /** Another connection to the same database; `null` where there can be only one. */
  readonly openSecond: (() => Storage | Promise<Storage>) | null;
  /** Closes everything and removes the database. */
  remove(): void | Promise<void>;
}

/** Opens an empty database. */
export type OpenStorage = () => StorageUnderTest | Promise<StorageUnderTest>;

/** A test body that gets an empty store and leaves nothing behind. */
export function withStorage(open: OpenStorage, body: (storage: Storage, underTest: StorageUnderTest) => Promise<void>): () => Promise<void> {
  return async () => {
    const underTest = await open();
    try {
      await body(underTest.storage, underTest);
    } finally {
      await underTest.remove();
    }
  };
}
