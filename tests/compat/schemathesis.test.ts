/** Thousands of well-formed and malformed requests, made from the API's own description: none may hurt the server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { preparePython, pythonEnvironment } from '../../scripts/python-environment.ts';
import { start } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato } from './servers.ts';

const environment = pythonEnvironment({
  folder: join(import.meta.dirname, '.venv', 'schemathesis'),
  requirements: ['schemathesis==4.32.5'],
  minors: [11, 12, 13, 10],
});
/** A fixed seed: a failure that was seen once is seen again. */
const SEED = '20261122';
const CHECKS = ['not_a_server_error', 'response_schema_conformance', 'content_type_conformance'];

await preparePython(environment, console.log);

test('no request made from the description breaks the server or gets an answer that it does not describe', () =>
  inFolder(async (folder) => {
    const server = await startOstinato(folder);
    try {
      const run = start({
        command: environment.python,
        words: [
          '-m',
          'schemathesis.cli',
          'run',
          `${server.apiUrl}/openapi.json`,
          '--checks',
          CHECKS.join(','),
          '--phases',
          'fuzzing',
          '--max-examples',
          '8',
          '--workers',
          '2',
          '--seed',
          SEED,
          '--no-color',
          '--warnings',
          'off',
          '--continue-on-failure',
          '--suppress-health-check',
          'all',
        ],
        folder,
        environment: { PATH: process.env['PATH'] ?? '', HOME: folder },
      });
      const { exitCode } = await run.ended;
      assert.equal(exitCode, 0, `${run.said().slice(-12_000)}\nThe server:\n${server.said().slice(-4000)}`);
      const tested = /Tested:\s+(\d+)/.exec(run.said())?.[1];
      assert.ok(Number(tested) > 50, `only ${tested} operations were tested`);
      assert.equal((await fetch(`${server.apiUrl}/health`)).status, 200);
    } finally {
      await server.stop();
    }
  }));
