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

/** Tests by what they state; each gets an empty store. */
export type StorageTests = Readonly<Record<string, (storage: Storage, underTest: StorageUnderTest) => Promise<void>>>;
