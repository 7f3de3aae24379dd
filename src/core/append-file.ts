/**
 * The smallest file that a journal needs; implemented in `platform/append-file.ts`, and in `sim/disk.ts` with crashes
 * and
 * loses power.
 */
export interface AppendFile {
  /**
   * All or nothing: returns when the operating system has the bytes (they survive the end of the process), or throws
   * `store-full`, `store-read-only` or `store-unavailable` and leaves the file as it was.
   */
  append(bytes: Uint8Array): void;
  /**
   * Resolves when every byte appended before the call, and the file's name, are on the disk. Concurrent calls share the
   * work.
   */
  flush(): Promise<void>;
  /** As `flush`, but blocks. */
  flushSync(): void;
  close(): void;
  readonly size: number;
}

/** The journals of one home. Each belongs to the process that created it, until that process is gone. */
export interface JournalFolder {
  /** The folder's location, for messages. */
  readonly description: string;
  /**
   * Creates a file that starts with `head`: no reader ever sees it without. Until then it is named `draft`, which
   * remains when the process is killed meanwhile.
   */
  create(name: string, head: Uint8Array, draft: string): AppendFile;
  /** Ordered by name. */
  list(): readonly string[];
  /** At most `bytesMax` bytes from `offset`, none beyond the end; `null` when there is no such journal (any more). */
  read(name: string, offset: number, bytesMax: number): Uint8Array | null;
  /** Takes a journal over by renaming it, which succeeds for one process only; `false` when another was quicker. */
  claim(name: string, newName: string): boolean;
  /** Does nothing when the file no longer exists. */
  remove(name: string): void;
}
