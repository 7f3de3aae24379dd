/**
 * Every setting changes something that can be seen, set in each of the ways there are; the settings are read from their
 * table.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { SETTING_NAMES, SETTINGS, type Setting, type SettingName } from '../../src/platform/settings-table.ts';
import { cleanUp, seeCommand, seeRun, seeServer, type Given, type Seen, type Way } from './setting-subjects.ts';
import { seeWorker } from './worker-settings.ts';

after(cleanUp);

interface Effect {
  readonly text: string;
  /** What is seen with it, and without it. */
  readonly given: unknown;
  readonly without: unknown;
}

type Effects = Readonly<Partial<Record<SettingName, Effect>>>;

const RUN: Effects = {
  home: { text: '@/home', given: true, without: false },
  databaseUrl: { text: 'sqlite:@/own.db', given: true, without: false },
  resultsPath: { text: '@/kept', given: true, without: false },
  logLevel: { text: 'debug', given: true, without: false },
  logCaptureConsole: { text: 'false', given: false, without: true },
  durability: { text: 'sync', given: 'sync', without: 'process' },
  resultsPersist: { text: 'false', given: 'unpersisted', without: 'inline' },
  runnerConcurrency: { text: '2', given: 2, without: 4 },
};

const COMMAND: Effects = {
  apiUrl: { text: 'of the stand-in', given: true, without: false },
  apiAuthString: { text: 'me:secret', given: [`Basic ${btoa('me:secret')}`], without: [] },
  apiKey: { text: 'abc', given: ['Bearer abc'], without: [] },
  apiTimeoutSeconds: { text: '0.2', given: '0.2', without: null },
  profile: { text: 'other', given: 7, without: 20 },
};

const SERVER: Effects = {
  serverAuthString: { text: 'me:secret', given: 401, without: 404 },
  serverCsrfProtection: { text: 'true', given: 403, without: 200 },
  serverAllowedHosts: { text: 'proxy.example', given: 200, without: 403 },
  serverCorsAllowedOrigins: { text: 'https://app.example', given: 'https://app.example', without: null },
  serverEncryptionKeys: { text: Buffer.alloc(32, 7).toString('base64'), given: false, without: true },
  serverAutomationActions: { text: 'false', given: false, without: true },
  serverBuildPages: { text: 'false', given: false, without: true },
  serverAutomationTriggers: { text: 'false', given: false, without: true },
  serverNotificationPython: { text: '/no/such/python', given: true, without: false },
  serverNotificationTargets: { text: '127.0.0.1:1', given: 'refused', without: 'accepted' },
  serverNotificationGateways: { text: 'pager-duty-webhook=http://127.0.0.1:1', given: 'delayed', without: null },
  serverSilentRunsSeconds: { text: '0.2', given: 'CRASHED', without: 'RUNNING' },
  retentionRuns: { text: '90d', given: false, without: true },
  retentionLogs: { text: '15d', given: 0, without: 1 },
  retentionArtifacts: { text: '5d', given: false, without: true },
  retentionResults: { text: '90d', given: false, without: true },
};

const WORKER: Effects = {
  workerWarmPython: { text: 'false', given: false, without: true },
  workerKeepEnvironments: { text: '90d', given: true, without: false },
  workerEnvironmentSpace: { text: '50GB', given: true, without: false },
};

test('every setting of the table has an effect here', () => {
  assert.deepEqual(
    [RUN, COMMAND, SERVER, WORKER].flatMap((effects) => Object.keys(effects)).toSorted(),
    SETTING_NAMES.toSorted(),
  );
});

/** Of a profile, what it cannot hold is left out; which profile counts is said by the flag then. */
function givenBy(way: Way, effects: Effects): Given {
  const held = Object.entries(effects).filter(
    ([name]) =>
      way !== 'profile' ||
      name === 'profile' ||
      (SETTINGS[name as SettingName] as unknown as Setting<unknown>).outsideProfiles !== true,
  );
  return way === 'default' ? {} : Object.fromEntries(held.map(([name, { text }]) => [name, text]));
}

const SUBJECTS: Readonly<Record<string, readonly [Effects, (way: Way, given: Given) => Promise<Seen>]>> = {
  'a run': [RUN, seeRun],
  'a command': [COMMAND, seeCommand],
  'a server': [SERVER, seeServer],
  'a worker': [WORKER, seeWorker],
};

for (const [subject, [effects, see]] of Object.entries(SUBJECTS)) {
  for (const way of ['default', 'environment', 'project', 'profile'] as const) {
    test(
      `settings of ${subject}, ${way === 'default' ? 'none given' : `given by ${way}`}`,
      { timeout: 180_000 },
      async () => {
        const given = givenBy(way, effects);
        const seen = await see(way, given);
        const expected = Object.entries(effects).map(([name, effect]) => [
          name,
          name in given ? effect.given : effect.without,
        ]);
        assert.deepEqual(
          Object.fromEntries(Object.keys(effects).map((name) => [name, seen[name as SettingName]])),
          Object.fromEntries(expected),
        );
      },
    );
  }
}
