/** The smallest file a journal needs; `platform/append-file.ts` is the real one, `sim/disk.ts` one that crashes and loses power. */
export interface AppendFile {
  /**
   * All or nothing: returns when the operating system has the bytes (they survive the end of the process), or throws
   * `store-full`, `store-read-only` or `store-unavailable` and leaves the file as it was.
   */
  append(bytes: Uint8Array): void;
  /** Resolves when every byte appended before the call, and the file's name, are on the disk. Calls share the work. */
  flush(): Promise<void>;
  /** As `flush`, blocking. */
  flushSync(): void;
  close(): void;
  readonly size: number;
}

/** The journals of one home: each belongs to the process that made it, until that process is gone. */
export interface JournalFolder {
  /** Where it is, for messages. */
  readonly description: string;
  /**
   * A new file that starts with `head`: nobody ever sees it without. Until then it has the name `draft`, which stays when
   * the process is killed meanwhile.
   */
  create(name: string, head: Uint8Array, draft: string): AppendFile;
  /** In the order of their names. */
  list(): readonly string[];
  /** At most `bytesMax` bytes from `offset`, none beyond the end; `null` when there is no such journal (any more). */
  read(name: string, offset: number, bytesMax: number): Uint8Array | null;
  /** Takes a journal over by renaming it, which only one process can; `false` when another was quicker. */
  claim(name: string, newName: string): boolean;
  /** Does nothing when it is gone already. */
  remove(name: string): void;
}
