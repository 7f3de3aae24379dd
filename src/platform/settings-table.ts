/**
 * Every setting, once: its key in files, its environment variable, its meaning, its rule and its default.
 *
 * A key such as `log.capture_console` is `OSTINATO_LOG_CAPTURE_CONSOLE` in the environment. A setting is added here and
 * nowhere else: reading, validation, `ostinato config` and the shell completion follow.
 */
import { join } from 'node:path';

import { DURABILITIES, type Durability } from '../core/durability.ts';
import { LOG_LEVELS, type LogLevelName } from '../core/log.ts';
import { parseHostPattern, parseOrigin } from '../core/web/authority.ts';
import { defaultHome, expandPath } from './home.ts';

export interface Setting<T> {
  readonly key: string;
  readonly description: string;
  /** Completes the sentence "… must be RULE". */
  readonly rule: string;
  /** `undefined` when the text breaks the rule. @param base the folder that relative paths start at */
  readonly parse: (text: string, base: string) => T | undefined;
  readonly fallback: (home: string) => T;
  /** Such a setting selects the profile, so a profile cannot contain it. */
  readonly outsideProfiles?: true;
  /** As written in files, where `String` differs: text that `parse` reads back as the same value. */
  readonly write?: (value: T) => string;
  /** Hides passwords; also called for texts that break the rule. */
  readonly mask?: (value: T) => string;
}

const RETENTION_RULE = 'a length of time from one minute on: a number with m, h, d or w, for instance 90d; or off';

/** The types of blocks of Prefect that name a service, and no address. */
const GATEWAY =
  /^(?:discord-webhook|opsgenie-webhook|pager-duty-webhook|sendgrid-email|twilio-sms)=https?:\/\/[^\s?#@]+$/i;

const setting = <T>(facts: Setting<T>): Setting<T> => facts;

export const SETTINGS = {
  home: setting<string>({
    key: 'home',
    description: 'The folder of the embedded database, results, journals and profiles.',
    rule: 'the path of a folder',
    parse: parsePath,
    fallback: defaultHome,
    outsideProfiles: true,
  }),
  profile: setting<string | null>({
    key: 'profile',
    description: 'The profile in force; without it, the one chosen by `ostinato profile use`.',
    rule: 'the name of a profile',
    parse: (text) => (text.trim() === '' ? undefined : text.trim()),
    fallback: () => null,
    outsideProfiles: true,
  }),
  apiUrl: setting<string | null>({
    key: 'api.url',
    description: 'The server to work with; without it, the embedded database is used and no server is needed.',
    rule: 'a URL that begins with http:// or https://',
    parse: (text) => parseUrl(text, ['http:', 'https:'])?.replace(/\/+$/, ''),
    fallback: () => null,
    mask: (value) => (value === null ? '' : maskPassword(value)),
  }),
  apiAuthString: setting<string | null>({
    key: 'api.auth_string',
    description: 'USER:PASSWORD for a server that asks for it.',
    rule: 'a user name, a colon and a password',
    parse: (text) => (text.includes(':') ? text : undefined),
    fallback: () => null,
    mask: hide,
  }),
  apiKey: setting<string | null>({
    key: 'api.key',
    description: 'A key that is sent to the server as a bearer token.',
    rule: 'a text',
    parse: (text) => (text.trim() === '' ? undefined : text.trim()),
    fallback: () => null,
    mask: hide,
  }),
  apiTimeoutSeconds: setting<number>({
    key: 'api.timeout_seconds',
    description: 'How long one request to the server may take before it counts as unanswered.',
    rule: 'a number of seconds above 0',
    parse: (text) => (/^\d{1,9}(?:\.\d+)?$/.test(text) && Number(text) > 0 ? Number(text) : undefined),
    fallback: () => 20,
  }),
  databaseUrl: setting<string>({
    key: 'database.url',
    description: 'The database: sqlite:PATH; for a server also postgresql://USER@HOST/DATABASE.',
    rule: 'sqlite:PATH, sqlite::memory: or postgresql://USER@HOST/DATABASE',
    parse: parseDatabaseUrl,
    fallback: (home) => `sqlite:${join(home, 'ostinato.db')}`,
    mask: maskPassword,
  }),
  serverAuthString: setting<string | null>({
    key: 'server.auth_string',
    description:
      'What callers of `ostinato server start` must show; without it, the server listens to this machine only.',
    rule: 'USER:PASSWORD, without spaces at the ends',
    parse: (text) => (/^\S(?:.*\S)?$/.test(text) && text.includes(':') ? text : undefined),
    fallback: () => null,
    mask: hide,
  }),
  serverCsrfProtection: setting<boolean>({
    key: 'server.csrf_protection',
    description:
      'Whether every write must show a token that its client has asked for, so that no other page can write in a browser.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => false,
  }),
  serverAllowedHosts: setting<readonly string[] | null>({
    key: 'server.allowed_hosts',
    description:
      'Further names of the server, such as that of a proxy in front of it: taken as Host by a server that listens to this machine only, and their pages as its own.',
    rule: 'names or addresses such as ostinato.example.com, 10.0.0.7:8443 or *.example.com, separated by spaces or commas',
    parse: (text) => parseList(text, (word) => parseHostPattern(word) !== null),
    write: writeList,
    fallback: () => null,
  }),
  serverCorsAllowedOrigins: setting<readonly string[] | null>({
    key: 'server.cors_allowed_origins',
    description:
      'Pages that may use the server beside its own; without it, only its own, and those of this machine when it listens to this machine only.',
    rule: 'origins such as https://app.example.com, separated by spaces or commas',
    parse: (text) => parseList(text, (word) => parseOrigin(word) !== null),
    write: writeList,
    fallback: () => null,
  }),
  serverEncryptionKeys: setting<string | null>({
    key: 'server.encryption_keys',
    description:
      'Encrypts the secrets of blocks in the database: 32 random bytes in base64; further keys, separated by spaces, only decrypt. Without it, a key file in the home.',
    rule: 'keys of 32 bytes in base64, separated by spaces',
    parse: (text) => (/^[A-Za-z0-9+/]{43}=(?:\s+[A-Za-z0-9+/]{43}=)*$/.test(text.trim()) ? text.trim() : undefined),
    fallback: () => null,
    mask: hide,
  }),
  serverBuildPages: setting<boolean>({
    key: 'server.build_pages',
    description:
      'Whether `ostinato server start` in a checkout builds the pages when they are missing or older than their sources, in the background.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => true,
  }),
  serverAutomationActions: setting<boolean>({
    key: 'server.automation_actions',
    description:
      'Whether this server does what automations order: of several servers on one database, one that does is enough.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => true,
  }),
  serverNotificationTargets: setting<readonly string[] | null>({
    key: 'server.notification_targets',
    description: 'The only machines that webhooks and notifications of the server may go to; without it, all.',
    rule: 'names or addresses such as hooks.slack.com, 10.0.0.7:8443 or *.example.com, separated by spaces or commas',
    parse: (text) => parseList(text, (word) => parseHostPattern(word) !== null),
    write: writeList,
    fallback: () => null,
  }),
  serverNotificationGateways: setting<readonly string[] | null>({
    key: 'server.notification_gateways',
    description: 'Addresses in the place of those of services whose blocks have none, such as a proxy of your own.',
    rule: 'pairs such as pager-duty-webhook=https://gateway.example.com, separated by spaces or commas',
    parse: (text) => parseList(text, (word) => GATEWAY.test(word) && URL.canParse(word.slice(word.indexOf('=') + 1))),
    write: writeList,
    fallback: () => null,
  }),
  serverNotificationPython: setting<string>({
    key: 'server.notification_python',
    description: 'The Python whose package Apprise sends what Ostinato has no channel of its own for.',
    rule: 'the name or the path of a program',
    parse: (text, base) => (/[/\\]/.test(text) ? parsePath(text, base) : text.trim() || undefined),
    fallback: () => 'python3',
  }),
  serverAutomationTriggers: setting<boolean>({
    key: 'server.automation_triggers',
    description: 'Whether the server looks at the triggers of automations; with several servers, one is enough.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => true,
  }),
  serverSilentRunsSeconds: setting<number | null>({
    key: 'server.silent_runs_seconds',
    description:
      'A run of another client that has sent one heartbeat, and none for so long, is marked Crashed; one that has sent more, after three of its own intervals (90 s at least). off: it stays as it is.',
    rule: 'a number of seconds above 0, or off',
    parse: (text) =>
      text.trim().toLowerCase() === 'off'
        ? null
        : /^\d{1,9}(?:\.\d+)?$/.test(text) && Number(text) > 0
          ? Number(text)
          : undefined,
    write: (value) => (value === null ? 'off' : String(value)),
    // Three times the clients' default.
    fallback: () => 540,
  }),
  logLevel: setting<LogLevelName>({
    key: 'log.level',
    description: 'Log records of runs below this level are neither shown nor stored.',
    rule: `one of ${Object.keys(LOG_LEVELS).join(', ')}`,
    parse: (text) => oneOf(text, Object.keys(LOG_LEVELS) as LogLevelName[]),
    fallback: () => 'info',
  }),
  logCaptureConsole: setting<boolean>({
    key: 'log.capture_console',
    description: 'Whether console.log and its kin, called inside a run, become log records of that run.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => true,
  }),
  durability: setting<Durability>({
    key: 'durability',
    description: 'What a finished step survives: process (kill -9), sync (power loss too) or none.',
    rule: `one of ${DURABILITIES.join(', ')}`,
    parse: (text) => oneOf(text, DURABILITIES),
    fallback: () => 'process',
  }),
  resultsPath: setting<string>({
    key: 'results.path',
    description: 'The folder of results too large for the database.',
    rule: 'the path of a folder',
    parse: parsePath,
    fallback: (home) => join(home, 'results'),
  }),
  resultsPersist: setting<boolean>({
    key: 'results.persist',
    description:
      'Whether results are kept when their task or flow does not say; a task with a cache or a resultName keeps its own.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => true,
  }),
  runnerConcurrency: setting<number | null>({
    key: 'runner.concurrency',
    description:
      'How many task runs of a flow run at once when the flow does not say; without it, as the task runner has it.',
    rule: 'a whole number from 1 on',
    parse: (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
    fallback: () => null,
  }),
  retentionRuns: setting<number | null>({
    key: 'retention.runs',
    description:
      'How long a server keeps runs that have ended, with their task runs, states, logs and artifacts; without it, for ever.',
    rule: RETENTION_RULE,
    parse: parseRetention,
    write: writeRetention,
    fallback: () => null,
  }),
  retentionLogs: setting<number | null>({
    key: 'retention.logs',
    description: 'How long a server keeps log records of runs that are not active; without it, as long as their runs.',
    rule: RETENTION_RULE,
    parse: parseRetention,
    write: writeRetention,
    fallback: () => null,
  }),
  retentionArtifacts: setting<number | null>({
    key: 'retention.artifacts',
    description: 'How long a server keeps artifacts after their last change; without it, as long as their runs.',
    rule: RETENTION_RULE,
    parse: parseRetention,
    write: writeRetention,
    fallback: () => null,
  }),
  retentionResults: setting<number | null>({
    key: 'retention.results',
    description:
      'How long a server keeps large results in the folder of results after they were last written, unless the cache or an active run needs them; without it, for ever.',
    rule: RETENTION_RULE,
    parse: parseRetention,
    write: writeRetention,
    fallback: () => null,
  }),
  workerWarmPython: setting<boolean>({
    key: 'worker.warm_python',
    description:
      'Whether a worker that has started a run in Python keeps a process with the client imported, which forks for the next ones.',
    rule: 'true or false',
    parse: parseBoolean,
    fallback: () => true,
  }),
  workerKeepEnvironments: setting<number | null>({
    key: 'worker.keep_environments',
    description: 'How long a worker keeps an environment of packages after the last run that used it; off: for ever.',
    rule: RETENTION_RULE,
    parse: parseRetention,
    write: writeRetention,
    fallback: () => 2_592_000,
  }),
  workerEnvironmentSpace: setting<number | null>({
    key: 'worker.environment_space',
    description:
      'How much the environments of packages of a worker may take together; those that were used longest ago go first. off: any amount.',
    rule: 'a size: a number with KB, MB or GB, for instance 20GB; or off',
    parse: parseSize,
    write: writeSize,
    fallback: () => 20 * SIZE_UNITS.GB,
  }),
};

export type SettingName = keyof typeof SETTINGS;
export type SettingValues = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
export const SETTING_KEYS = SETTING_NAMES.map((name) => SETTINGS[name].key);

/** `log.level` → `OSTINATO_LOG_LEVEL`. */
export function environmentName(key: string): string {
  return `OSTINATO_${key.toUpperCase().replaceAll('.', '_')}`;
}

/** The setting meant by a key (`log.level`) or its environment variable's name, or `null`. */
export function findSetting(word: string): SettingName | null {
  return (
    SETTING_NAMES.find((name) => SETTINGS[name].key === word || environmentName(SETTINGS[name].key) === word) ?? null
  );
}

function parsePath(text: string, base: string): string | undefined {
  return text.trim() === '' ? undefined : expandPath(text.trim(), base);
}

function parseUrl(text: string, protocols: readonly string[]): string | undefined {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol) ? text : undefined;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds; `null` for `off`. */
function parseRetention(text: string): number | null | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'off') return null;
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(word) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNIT_SECONDS[unit] as number);
}

/** In the largest unit without a fraction. */
function writeRetention(seconds: number | null): string {
  if (seconds === null) return 'off';
  const [unit, length] = Object.entries(UNIT_SECONDS).findLast(([, each]) => seconds % each === 0) ?? ['m', 60];
  return `${seconds / length}${unit}`;
}

const SIZE_UNITS = { KB: 1e3, MB: 1e6, GB: 1e9 } as const;

/** Bytes; `null` for `off`. */
function parseSize(text: string): number | null | undefined {
  const word = text.trim().toUpperCase();
  if (word === 'OFF') return null;
  const [, count, unit] = /^([1-9]\d{0,5})\s*(KB|MB|GB)$/.exec(word) ?? [];
  return count === undefined ? undefined : Number(count) * SIZE_UNITS[unit as keyof typeof SIZE_UNITS];
}

function writeSize(bytes: number | null): string {
  if (bytes === null) return 'off';
  const [unit, size] = Object.entries(SIZE_UNITS).findLast(([, each]) => bytes % each === 0) ?? ['KB', SIZE_UNITS.KB];
  return `${bytes / size}${unit}`;
}

function parseBoolean(text: string): boolean | undefined {
  const word = oneOf(text.toLowerCase(), ['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'] as const);
  return word === undefined ? undefined : ['true', '1', 'yes', 'on'].includes(word);
}

function parseList(text: string, isRight: (word: string) => boolean): readonly string[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.length > 0 && words.every(isRight) ? words : undefined;
}

function writeList(words: readonly string[] | null): string {
  return words === null ? '' : words.join(', ');
}

function hide(value: unknown): string {
  return value === null ? '' : '***';
}

function oneOf<Word extends string>(text: string, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === text.trim().toLowerCase());
}

/** Makes the path of a SQLite file absolute, so that the value means the same from every folder. */
function parseDatabaseUrl(text: string, base: string): string | undefined {
  if (text === 'sqlite::memory:') return text;
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(text)?.[1];
  if (path !== undefined) return path.startsWith('//') ? undefined : `sqlite:${expandPath(path, base)}`;
  return parseUrl(text, ['postgresql:', 'postgres:']);
}

function maskPassword(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^/@:]*):[^/]*@/i, '$1:***@');
}
