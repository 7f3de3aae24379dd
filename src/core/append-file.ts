/** The smallest file a journal needs; `platform/append-file.ts` is the real one, `sim/disk.ts` one that crashes and loses power. */
export interface AppendFile {
  /** Returns when the operating system has the bytes: they survive the end of the process. Throws `store-full` or `store-read-only`. */
  append(bytes: Uint8Array): void;
  /** Resolves when every byte appended before the call is on the disk. */
  flush(): Promise<void>;
  /** As `flush`, blocking. */
  flushSync(): void;
  /** Forgets the content. */
  truncate(): void;
  close(): void;
  readonly size: number;
}

/** The journals of one home: each belongs to the process that made it, until that process is gone. */
export interface JournalFolder {
  create(name: string): AppendFile;
  list(): readonly string[];
  /** Takes a journal over by renaming it, which only one process can; `null` when another was quicker. */
  claim(name: string, newName: string): Uint8Array | null;
  remove(name: string): void;
}
