/**
 * Every setting, by every way it can be set: the same value comes out, what breaks its rule is refused by name, and
 * what is written reads back.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { parseSetting, resolveSettings, tomlValue, writeSetting, type SettingName } from './settings.ts';
import { environmentName, SETTING_NAMES, SETTINGS, type Setting } from './settings-table.ts';
import { tomlScalar } from './toml-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-settings-table-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const KEY = Buffer.alloc(32, 7).toString('base64');
const FLAG = { good: ['true', 'FALSE', '1', '0', 'yes', 'no', 'on', 'off'], bad: ['maybe', '2', 'ja'] };
const FOLDER = { good: ['/data/here', 'beside', '~/there', "it's  here"], bad: ['  '] };
const LENGTH = {
  good: ['90d', '48h', '36h', '45m', '2w', '1d', ' 7D ', 'off'],
  bad: ['90', '7776000', '0d', '-1d', '1.5d', 'd', '30s', 'never'],
};

/** Texts that are right and wrong for each. */
const SAMPLES: Readonly<Record<SettingName, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
  home: FOLDER,
  profile: { good: ['default'], bad: ['  '] },
  apiUrl: {
    good: ['http://127.0.0.1:4200/api', 'https://me:pw@host/api/'],
    bad: ['localhost:4200', 'ftp://host', '/api'],
  },
  apiAuthString: { good: ['me:secret', 'me:pass word:#"1'], bad: ['secret'] },
  apiKey: { good: ['abc', '12345', 'k"e\\y'], bad: ['   '] },
  apiTimeoutSeconds: { good: ['20', '0.5'], bad: ['0', '-1', 'soon', '1e3'] },
  databaseUrl: {
    good: ['sqlite:/data/x.db', 'sqlite:x.db', 'sqlite::memory:', 'postgresql://me:pw@db/o'],
    bad: ['mysql://db', 'x.db', 'sqlite:'],
  },
  serverAuthString: { good: ['me:secret'], bad: ['secret', ' me:secret', 'me:secret '] },
  serverCsrfProtection: FLAG,
  serverAllowedHosts: {
    good: ['a.example', 'a.example, *.b.example 10.0.0.7:8443'],
    bad: ['http://a.example', ',', 'a/b'],
  },
  serverCorsAllowedOrigins: {
    good: ['https://a.example', 'https://a.example,http://b.example:81'],
    bad: ['a.example', 'https://a.example/path', ' , '],
  },
  serverEncryptionKeys: { good: [KEY, `${KEY}  ${KEY}`], bad: ['short', KEY.slice(1)] },
  serverAutomationActions: FLAG,
  serverBuildPages: FLAG,
  serverNotificationPython: { good: ['python3.12', '/opt/venv/bin/python'], bad: [' '] },
  serverNotificationTargets: {
    good: ['hooks.slack.com', '*.example.com, 10.0.0.7:8443'],
    bad: [',', '*', 'https://hooks.slack.com', 'a.example/path'],
  },
  serverNotificationGateways: {
    good: ['pager-duty-webhook=https://gw.example.com/x', 'twilio-sms=http://a,discord-webhook=http://b'],
    bad: [
      ',',
      'https://gw.example.com',
      'slack-webhook=https://gw.example.com',
      'twilio-sms=https://me:x@gw.example.com',
      'twilio-sms=https://gw.example.com/?a=b',
      'twilio-sms=ftp://a',
    ],
  },
  serverAutomationTriggers: FLAG,
  serverSilentRunsSeconds: { good: ['540', '0.5', 'off', 'OFF'], bad: ['0', '-1', 'never', '9m'] },
  logLevel: { good: ['debug', 'WARNING'], bad: ['loud', '20'] },
  logCaptureConsole: FLAG,
  durability: { good: ['none', 'sync', 'process'], bad: ['all'] },
  resultsPath: FOLDER,
  resultsPersist: FLAG,
  runnerConcurrency: { good: ['1', '250'], bad: ['0', '-1', '1.5', 'many', '1e3'] },
  retentionRuns: LENGTH,
  retentionLogs: LENGTH,
  retentionArtifacts: LENGTH,
  retentionResults: LENGTH,
  workerWarmPython: { good: ['true', 'off'], bad: ['maybe'] },
  workerKeepEnvironments: LENGTH,
  workerEnvironmentSpace: { good: ['20GB', '500MB', '1 kb', 'off'], bad: ['20', '0GB', '-1MB', '1.5GB', '2TB'] },
};

let places = 0;

/** The value that comes out when the text is given so, and nothing else. */
function through(way: 'environment' | 'project' | 'profile', name: SettingName, toml: string, text: string): unknown {
  const { key } = SETTINGS[name];
  const project = join(folder, String((places += 1)));
  const home = join(project, 'home');
  mkdirSync(home, { recursive: true });
  const isHome = name === 'home';
  if (way === 'project') writeFileSync(join(project, 'ostinato.toml'), `${key} = ${toml}\n`);
  if (way === 'profile') writeFileSync(join(home, 'profiles.toml'), `[profiles.default]\n${key} = ${toml}\n`);
  const environment = {
    ...(isHome ? {} : { OSTINATO_HOME: home }),
    ...(way === 'environment' ? { [environmentName(key)]: text } : {}),
  };
  const value = resolveSettings({ environment, workingDirectory: project }).values[name];
  // Relative paths start at the file that says them.
  return typeof value === 'string' ? value.replace(way === 'profile' ? home : project, '…') : value;
}

const rest = SETTING_NAMES.filter((name) => (SETTINGS[name] as unknown as Setting<unknown>).outsideProfiles !== true);
const waysOf = (name: SettingName) =>
  rest.includes(name) ? (['environment', 'project', 'profile'] as const) : (['environment', 'project'] as const);

for (const name of SETTING_NAMES) {
  const { key, rule } = SETTINGS[name];
  const { good, bad } = SAMPLES[name];

  test(`${key}: the same by every way, and it reads back as it is written`, () => {
    assert.ok(good.length > 0 && bad.length > 0);
    for (const text of good) {
      const values = waysOf(name).map((way) => through(way, name, JSON.stringify(text), text));
      for (const value of values) assert.deepEqual(value, values[0], text);
      const parsed = parseSetting(name, text, folder, 'a test') as never;
      assert.deepEqual(
        parseSetting(name, writeSetting(name, parsed), folder, 'a test'),
        parsed,
        `${text} is written ${writeSetting(name, parsed)}`,
      );
      // As `config set` keeps it.
      const kept = tomlValue(name, parsed);
      for (const way of waysOf(name))
        assert.doesNotThrow(
          () => through(way, name, tomlScalar(kept), String(kept)),
          `${text} is kept as ${String(kept)}`,
        );
    }
  });

  test(`${key}: what breaks the rule is refused by every way, with setting, value, rule and what to do`, () => {
    for (const text of bad) {
      for (const way of waysOf(name)) {
        assert.throws(
          () => through(way, name, JSON.stringify(text), text),
          (error: Error & { code?: string; remedy?: string }) => {
            assert.equal(error.code, 'bad-input');
            assert.ok(
              error.message.startsWith(`Setting ${key} is `) && error.message.includes(`it must be ${rule}`),
              error.message,
            );
            assert.ok(
              error.message.includes(
                { environment: environmentName(key), project: 'ostinato.toml', profile: 'profiles.toml' }[way],
              ),
              error.message,
            );
            assert.notEqual(error.remedy, '');
            const isSecret = (SETTINGS[name] as unknown as Setting<unknown>).mask?.('x') === '***';
            assert.equal(error.message.includes(JSON.stringify(text)), !isSecret, error.message);
            return true;
          },
        );
      }
    }
  });
}
