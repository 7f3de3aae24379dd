/**
 * One Python script, driven against one server: its report is what the server recorded, freed of what differs from run
 * to run.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { CLIENTS, type ClientVersion } from './clients.ts';
import { run, type Ended } from './processes.ts';

const SCRIPTS = join(import.meta.dirname, 'scripts');
const EXPECTED = join(import.meta.dirname, 'expected');
/** The slowest takes 40 s by itself; other tests run beside it. */
const SCRIPT_TIMEOUT_MS = 300_000;

export interface Script {
  readonly client: ClientVersion;
  /** Of its file, without ending. */
  readonly name: string;
}

export interface Driven extends Ended {
  /** `null` when the script ended before it could write one. */
  readonly report: string | null;
  /** Lines that are not as expected. */
  readonly difference: string;
}

/**
 * What an older 3.x client does otherwise than the newest: it logs by other batches, retries, pauses and ends runs by
 * older rules, and deploys, serves and works by other requests (ADR 046).
 */
const CORE: ReadonlySet<string> = new Set([
  'artifacts',
  'background',
  'bound',
  'cancellation',
  'deployed',
  'deployments',
  'failures',
  'logs',
  'mapped',
  'pause',
  'project',
  'retries',
  'served_many',
  'serving',
  'suspended',
  'tasks',
  'variables',
  'work_pools',
  'worker',
]);

export function findScripts(client: ClientVersion): Script[] {
  const names = globSync('*.py', { cwd: join(SCRIPTS, languageOf(client)) })
    .map((file) => basename(file, '.py'))
    .sort();
  return (client === '3.8' ? names.filter((name) => CORE.has(name)) : names).map((name) => ({ client, name }));
}

/** A recording of its own only where an older client records otherwise than the newest of its language. */
export function expectedPath({ client, name }: Script): string {
  const own = ownExpectedPath({ client, name });
  return existsSync(own) ? own : join(EXPECTED, languageOf(client), `${name}.json`);
}

export function ownExpectedPath({ client, name }: Script): string {
  return join(EXPECTED, client, `${name}.json`);
}

/** The major version: scripts are written in it. */
function languageOf(client: ClientVersion): '2' | '3' {
  return client === '2' ? '2' : '3';
}

/** @param expectation whether the script waits for the recorded report, or for a time in which nothing changes */
export async function drive(
  script: Script,
  apiUrl: string,
  folder: string,
  expectation: 'recorded' | 'none',
  extra: Readonly<Record<string, string>> = {},
): Promise<Driven> {
  const reportPath = join(folder, 'report.json');
  const home = join(folder, 'prefect-home');
  const work = join(folder, 'work');
  for (const path of [home, work]) mkdirSync(path, { recursive: true });
  const environment = {
    ...baseEnvironment(home),
    PREFECT_API_URL: apiUrl,
    COMPAT_REPORT: reportPath,
    ...(expectation === 'recorded' ? { COMPAT_EXPECTED: expectedPath(script) } : {}),
    ...extra,
  };
  const ended = await run(
    {
      command: CLIENTS[script.client].python,
      words: [join(SCRIPTS, languageOf(script.client), `${script.name}.py`)],
      folder: work,
      environment,
    },
    SCRIPT_TIMEOUT_MS,
  );
  return { ...ended, report: readOr(reportPath, null), difference: readOr(`${reportPath}.diff`, '') };
}

function readOr<T>(path: string, fallback: T): string | T {
  return existsSync(path) ? readFileSync(path, 'utf8') : fallback;
}

/** Nothing of the machine's settings, no telemetry, plain output, and no server of the client's own. */
function baseEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    COLUMNS: '240',
    NO_COLOR: '1',
    PYTHONPATH: SCRIPTS,
    PYTHONDONTWRITEBYTECODE: '1',
    PREFECT_HOME: home,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false',
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    PREFECT_LOGGING_LEVEL: 'INFO',
    PREFECT_LOGGING_COLORS: 'false',
    PREFECT_LOGGING_TO_API_BATCH_INTERVAL: '0.2',
    PREFECT_CLI_COLORS: 'false',
    PREFECT_CLI_WRAP_LINES: 'false',
    PREFECT_CLI_PROMPT: 'false',
  };
}

/** A folder that is gone after `use`. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ostinato-compat-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
