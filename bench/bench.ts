/** What a figure is given to measure with: repeats, folders, programs, and Prefect beside us. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { preparePrefect, PREFECT_VERSION, type PrefectEnvironment } from './prefect/environment.ts';
import { startPrefectServer, type PrefectServer } from './prefect/server.ts';
import { runProgram, type Ended } from './program.ts';
import type { Row, Peer } from './row.ts';
import { samplesOf } from './samples.ts';

export interface Figure {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  measure(bench: Bench): Promise<readonly Row[]>;
}

export interface BenchOptions {
  /** Fewer repeats and smaller counts: shows that everything works, and the rough size of each figure. */
  readonly quick: boolean;
  readonly withPrefect: boolean;
  /** An empty folder on a real disk; removed by whoever made it. */
  readonly folder: string;
  readonly say: (message: string) => void;
}

const PREFECT_SETTINGS = {
  PREFECT_LOGGING_LEVEL: 'WARNING',
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  DO_NOT_TRACK: '1',
  PREFECT_CLI_PROMPT: 'false',
};
const OUR_SETTINGS = { OSTINATO_LOG_LEVEL: 'warning' };

export class Bench {
  readonly quick: boolean;
  readonly say: (message: string) => void;
  readonly #options: BenchOptions;
  readonly #nodeBin = join(import.meta.dirname, '..', 'node_modules', '.bin');
  #environment: PrefectEnvironment | undefined;
  #server: PrefectServer | undefined;
  #folders = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.quick = options.quick;
    this.say = options.say;
  }

  get withPrefect(): boolean {
    return this.#options.withPrefect;
  }

  /** An empty folder that nobody has used. */
  freshFolder(): string {
    this.#folders += 1;
    const folder = join(this.#options.folder, String(this.#folders));
    mkdirSync(folder);
    return folder;
  }

  /** Runs `bench/programs/NAME.ts` as a user's file, with its home in the given folder. */
  runOurs(
    name: string,
    args: readonly (string | number)[],
    home: string,
    { env = {}, nodeOptions = [] as readonly string[] } = {},
  ): Ended {
    const file = join(import.meta.dirname, 'programs', `${name}.ts`);
    using _ = this.#pausedPeer();
    return runProgram({
      command: process.execPath,
      args: [...nodeOptions, file, ...args.map(String)],
      env: { ...OUR_SETTINGS, OSTINATO_HOME: home, ...env },
    });
  }

  /** Runs the launcher by its name, as a shell does. */
  runLauncher(args: readonly string[], home: string): Ended {
    const path = [this.#nodeBin, process.env['PATH']].join(process.platform === 'win32' ? ';' : ':');
    using _ = this.#pausedPeer();
    return runProgram({
      command: join(this.#nodeBin, 'ostinato'),
      args,
      env: { ...OUR_SETTINGS, OSTINATO_HOME: home, PATH: path },
    });
  }

  /** Runs `bench/prefect/NAME.py`; without `apiUrl`, Prefect starts a server for the time of the program. */
  runPrefect(name: string, args: readonly (string | number)[], home: string, apiUrl?: string): Ended {
    const file = join(import.meta.dirname, 'prefect', `${name}.py`);
    const env = {
      ...PREFECT_SETTINGS,
      PREFECT_HOME: home,
      ...(apiUrl === undefined ? {} : { PREFECT_API_URL: apiUrl }),
    };
    return runProgram({ command: this.#prefect().python, args: [file, ...args.map(String)], env });
  }

  runPrefectCommand(args: readonly string[], home: string): Ended {
    return runProgram({ command: this.#prefect().prefect, args, env: { ...PREFECT_SETTINGS, PREFECT_HOME: home } });
  }

  /** Prefect's command and its Python, for a program that goes on while something is measured. */
  prefectCommand(home: string, apiUrl: string) {
    const environment = { ...PREFECT_SETTINGS, PREFECT_HOME: home, PREFECT_API_URL: apiUrl };
    const { prefect: command, python } = this.#prefect();
    return { command, python, environment };
  }

  /** One for the whole benchmark, started when the first figure asks. */
  async prefectApiUrl(): Promise<string> {
    this.#server ??= await this.#startServer();
    return this.#server.apiUrl;
  }

  /**
   * Measures something of ours while Prefect's server stands still: it goes on recording what it was sent after its
   * client has ended.
   */
  async alone<T>(measure: () => Promise<T>): Promise<T> {
    using _ = this.#pausedPeer();
    return await measure();
  }

  #pausedPeer(): Disposable {
    const server = this.#server;
    server?.pause();
    return { [Symbol.dispose]: () => server?.resume() };
  }

  /** One for a single measurement; the caller stops it. */
  startPrefect(): Promise<PrefectServer> {
    const home = this.freshFolder();
    return startPrefectServer(this.#prefect(), { ...PREFECT_SETTINGS, PREFECT_HOME: home }, home);
  }

  async close(): Promise<void> {
    await this.#server?.stop();
  }

  #startServer(): Promise<PrefectServer> {
    const environment = this.#prefect();
    this.say('Starting a Prefect server');
    const home = this.freshFolder();
    return startPrefectServer(environment, { ...PREFECT_SETTINGS, PREFECT_HOME: home }, home);
  }

  #prefect(): PrefectEnvironment {
    return (this.#environment ??= preparePrefect(this.say));
  }
}

/** Prefect's figures as a row's peer; `null` when it was left out. */
export function prefectPeer(values: readonly number[], paired = false): Peer | null {
  return values.length === 0 ? null : { name: `Prefect ${PREFECT_VERSION}`, samples: samplesOf(values), paired };
}
