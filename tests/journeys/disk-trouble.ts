/**
 * Makes disks that are full or read-only, in whatever way the machine allows: as any user, as root, with or without
 * mounts.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { after } from 'node:test';

const isRoot = process.getuid?.() === 0;

function tryTo(program: string, words: readonly string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface SmallDisk {
  /** `tmpfs`: the whole disk is small. `limit`: no file of the process grows beyond the size. */
  readonly kind: 'tmpfs' | 'limit';
  /** The command line that starts the program on it. */
  readonly around: (words: readonly string[]) => readonly string[];
  /** From now on there is space, also for a process that runs already. */
  readonly grow: (pid?: number) => void;
}

/** @param folder where the disk is, if there is one; does not exist yet */
export function makeSmallDisk(folder: string, kilobytes: number): SmallDisk {
  mkdirSync(folder);
  if (isRoot && tryTo('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder])) {
    after(() => void tryTo('umount', [folder]));
    return {
      kind: 'tmpfs',
      around: (words) => words,
      grow: () => void execFileSync('mount', ['-o', 'remount,size=64m', folder]),
    };
  }
  let isFull = true;
  // A write beyond the limit is an error only for a process that ignores the signal that comes with it. Blocks of 512
  // bytes.
  const script = `trap '' XFSZ; ulimit -S -f ${kilobytes * 2}; exec "$@"`;
  return {
    kind: 'limit',
    around: (words) => (isFull ? ['sh', '-c', script, 'sh', ...words] : words),
    grow: (pid) => {
      isFull = false;
      if (pid !== undefined) execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited']);
    },
  };
}

export interface Reader {
  /** Starts processes as this user; `undefined`: as the one that runs the tests. */
  readonly uid: number | undefined;
}

/** Who is not root and owns nothing. */
const NOBODY = 65534;

/** Takes the right to write to the folder and what is in it. */
export function makeReadOnly(folder: string): Reader {
  if (isRoot && tryTo('mount', ['--bind', folder, folder])) {
    after(() => void tryTo('umount', [folder]));
    if (tryTo('mount', ['-o', 'remount,ro,bind', folder])) return { uid: undefined };
  }
  // For root the mode of a file means nothing, for others it does.
  execFileSync('chmod', ['-R', 'a-w,a+rX', folder]);
  after(() => chmodSync(folder, 0o700));
  return { uid: isRoot ? NOBODY : undefined };
}
