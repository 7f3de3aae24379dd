/**
 * Warm Python: a process that has imported the client forks one for each run, so that none waits for the import.
 *
 * A fork is a process of its own, in a session of its own: what one run does to modules, environment or folder is there
 * for no other, and the process that forks loads nothing of a user.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

import { startChildGroup, type ChildEnd, type ChildGroup, type OutputStream } from './child-group.ts';
import { LineCutter } from './lines.ts';
import { FORK_PROGRAM } from './python-fork-program.ts';

export interface ForkOrder {
  /** Run as `python -m`. */
  readonly module: string;
  readonly folder: string;
  /** All of it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the process that forks says. */
interface Told {
  readonly ready?: number;
  readonly refused?: string;
  readonly id?: string;
  readonly pid?: number;
  readonly ended?: number;
  readonly code?: number;
}

interface Fork {
  readonly id: string;
  readonly hear: (line: string, stream: OutputStream) => void;
  readonly begun: (group: ChildGroup | null) => void;
  readonly end: (end: ChildEnd) => void;
  readonly closed: () => void;
  pid: number | null;
}

export interface ForkHears {
  /** It stands ready. */
  readonly ready: () => void;
  /** It ended before it was: how, and what it wrote last. */
  readonly failed: (end: ChildEnd, lines: readonly string[]) => void;
}

/** Enough for the message of an import that fails. */
const WRITTEN_LINES_MAX = 20;
/** While the process that forks is gone, what it has forked is looked at so often. */
const LOOK_MS = 200;
/** The first line of a channel says whose it is. */
const GREETING_CHARACTERS_MAX = 200;

let serial = 0;

export class PythonFork {
  readonly #parent: ChildGroup;
  readonly #folder = mkdtempSync(join(tmpdir(), 'ostinato-fork-'));
  readonly #server: Server;
  readonly #hears: ForkHears;
  /** What it wrote while it loaded. */
  readonly #written: string[] = [];
  readonly #forks = new Map<string, Fork>();
  #isReady = false;
  #wasReady = false;
  #isClosed = false;
  #isOver = false;
  /** When it last began a run, or was started. */
  usedAtMs = performance.now();

  constructor(python: string, environment: Readonly<Record<string, string | undefined>>, hears: ForkHears) {
    this.#hears = hears;
    this.#server = createServer((socket) => this.#connected(socket)).listen(this.#socket);
    this.#server.unref();
    this.#parent = startChildGroup({
      command: python,
      args: ['-c', FORK_PROGRAM],
      workingDirectory: '/',
      environment,
      input: 'stream',
      onLine: (line, stream) => (stream === 'stdout' ? this.#told(line) : this.#wrote(line)),
    });
    void this.#parent.ended.then((end) => this.#over(end));
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get activeCount(): number {
    return this.#forks.size;
  }

  /** `null`: it does not fork now. */
  async begin(order: ForkOrder, onLine: Fork['hear']): Promise<ChildGroup | null> {
    if (!this.isReady) return null;
    this.usedAtMs = performance.now();
    const id = String((serial += 1));
    const begun = Promise.withResolvers<ChildGroup | null>();
    const ended = Promise.withResolvers<ChildEnd>();
    const read = Promise.withResolvers<void>();
    let open = 2;
    const fork: Fork = {
      id,
      hear: onLine,
      begun: begun.resolve,
      end: ended.resolve,
      closed: () => (open -= 1) === 0 && read.resolve(),
      pid: null,
    };
    this.#forks.set(id, fork);
    this.#parent.write(`${JSON.stringify({ id, socket: this.#socket, ...order })}\n`);
    const group = await begun.promise;
    return group === null ? null : { ...group, ended: ended.promise, read: read.promise };
  }

  /** Nothing more is forked; what was goes on. */
  close(): void {
    this.#isReady = false;
    this.#isClosed = true;
    this.#parent.closeInput();
  }

  get #socket(): string {
    return join(this.#folder, 's');
  }

  #told(line: string): void {
    const told = read(line);
    if (told === null) return;
    if (told.ready !== undefined) {
      this.#isReady = true;
      this.#wasReady = true;
      this.#hears.ready();
    }
    if (told.refused !== undefined && told.id === undefined) {
      this.#wrote(told.refused);
      this.#parent.closeInput();
    }
    const fork = told.id === undefined ? undefined : this.#forks.get(told.id);
    if (fork !== undefined && told.pid !== undefined) {
      const { id } = fork;
      fork.pid = told.pid;
      fork.begun(groupOf(told.pid, () => this.#forks.has(id)));
    } else if (fork !== undefined) {
      this.#forks.delete(fork.id);
      fork.begun(null);
    }
    if (told.ended !== undefined) {
      const code = told.code ?? 0;
      const ended = [...this.#forks.values()].find(({ pid }) => pid === told.ended);
      ended?.end({ exitCode: code < 0 ? null : code, signal: code < 0 ? nameOfSignal(-code) : null, problem: null });
      if (ended !== undefined) this.#forks.delete(ended.id);
    }
  }

  #wrote(line: string): void {
    if (this.#wasReady) return;
    this.#written.push(line);
    if (this.#written.length > WRITTEN_LINES_MAX) this.#written.shift();
  }

  #connected(socket: Socket): void {
    let cutter: LineCutter | null = null;
    let greeting = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      if (cutter !== null) return cutter.take(bytes);
      greeting = Buffer.concat([greeting, bytes]);
      const end = greeting.indexOf(10);
      if (end < 0) return void (greeting.length > GREETING_CHARACTERS_MAX && socket.destroy());
      const [id = '', stream] = greeting.toString('utf8', 0, end).split(' ');
      const fork = this.#forks.get(id);
      if (fork === undefined) return void socket.destroy();
      cutter = new LineCutter((line) => fork.hear(line, stream === '2' ? 'stderr' : 'stdout'));
      cutter.take(greeting.subarray(end + 1));
      const own = cutter;
      socket.once('close', () => {
        own.end();
        fork.closed();
      });
    });
  }

  /** What it has forked goes on; how it ends is not told any more. */
  #over(end: ChildEnd): void {
    this.#isOver = true;
    if (!this.#wasReady && !this.#isClosed) this.#hears.failed(end, this.#written);
    const timer = setInterval(() => {
      for (const fork of this.#forks.values()) {
        if (fork.pid !== null && isThere(fork.pid)) continue;
        fork.begun(null);
        fork.end({ exitCode: null, signal: null, problem: null });
        this.#forks.delete(fork.id);
      }
      if (this.#forks.size > 0) return;
      clearInterval(timer);
      this.#server.close();
      rmSync(this.#folder, { recursive: true, force: true });
    }, LOOK_MS).unref();
    if (this.#forks.size > 0) return;
    clearInterval(timer);
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function read(line: string): Told | null {
  try {
    return JSON.parse(line) as Told;
  } catch {
    return null;
  }
}

/** A group by its leader; its end is told otherwise. */
function groupOf(pid: number, isAlive: () => boolean): ChildGroup {
  return {
    pid,
    ended: new Promise(() => {}),
    read: new Promise(() => {}),
    write: () => {},
    closeInput: () => {},
    signal: (name) => signalGroup(pid, name, isAlive),
  };
}

function signalGroup(pid: number, name: 'SIGTERM' | 'SIGKILL', isAlive: () => boolean): void {
  try {
    process.kill(-pid, name);
  } catch {
    // Before it leads its group, it is asked itself. One that has ended may have left its id to another process.
    if (!isAlive()) return;
    try {
      process.kill(pid, name);
    } catch {
      // It is not there any more.
    }
  }
}

function nameOfSignal(number: number): string {
  const [name] = Object.entries(constants.signals).find(([, each]) => each === number) ?? [String(number)];
  return name;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
