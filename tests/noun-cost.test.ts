/**
 * What a noun costs: how many files of the program name it, from the store to the SDK and the command line. The recipe
 * is in docs/HACKING.md; a table of contents that has to name each noun once more is a cost, too.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { isTest, readSources, type Source } from './house/source.ts';

const FILES_MAX = 18;

/** Files that name a noun without being of it: another noun, or another meaning of the word. */
const BESIDE: Readonly<Record<string, string>> = {
  'src/cli/commands/config.ts': 'variables of the environment',
  'src/cli/commands/event.ts': 'an example of a search for events',
  'src/cli/deploy-project.ts': 'templates in ostinato.yaml take values of variables',
  'src/cli/event-filter.ts': 'kinds of resources that events are about',
  'src/cli/new-project/project-files.ts': 'templates in ostinato.yaml take values of variables',
  'src/cli/project-file/templates.ts': 'templates in ostinato.yaml take values of variables',
  'src/cli/worker-places.ts': 'templates of pull steps take values of variables',
  'src/core/pull-steps/templates.ts': 'templates of pull steps take values of variables',
  'src/contract/decode/automation-parameters.ts': 'values of parameters may refer to a variable',
  'src/core/hydration.ts': 'values of other nouns may refer to a variable',
  'src/core/work-pool-rules.ts': 'a template of jobs has variables of its own',
  'src/orchestrator/automation-actions/run-deployment.ts': 'parameters of actions may refer to a variable',
  'src/orchestrator/automation-actions/templates.ts': 'templates of actions may name variables',
  'src/orchestrator/continue-paused-run.ts': 'the input of a run may refer to a variable',
  'src/orchestrator/deployments/parameters.ts': 'values of parameters may refer to a variable',
  'src/orchestrator/job-variables.ts': 'jobs have variables of their own',
  'src/orchestrator/ports.ts': 'the input of a run may refer to a variable',
  'src/orchestrator/user-texts.ts': 'values of a form may refer to a variable',
  'src/platform/jinja.ts': 'templates have variables of their own',
  'src/platform/settings.ts': 'variables of the environment',
  'src/server/guest-entry.ts': 'values of other nouns may refer to a variable',
  'src/server/guest-jobs.ts': 'values of other nouns may refer to a variable',
  'src/cli/job-variables.ts': 'jobs have variables of their own',
  'src/cli/worker-kinds.ts': 'jobs have variables of their own',
  'src/contract/job-templates.ts': 'jobs have variables of their own',
  'src/core/job-configuration.ts': 'jobs have variables of their own',
  'src/worker/docker/container-settings.ts': 'jobs have variables of their own',
  'src/worker/docker/further-settings.ts': 'jobs have variables of their own',
  'src/worker/docker/kind.ts': 'jobs have variables of their own',
  'src/contract/deployment-version.ts': 'jobs have variables of their own',
  'src/worker/start-run.ts': 'jobs have variables of their own',
  'src/worker/infrastructure.ts': 'jobs have variables of their own',
  'src/worker/prepare-job.ts': 'jobs have variables of their own',
  'src/worker/pull.ts': 'templates of pull steps take values of variables',
  'src/worker/run-place.ts': 'jobs have variables of their own',
  'src/store/dialect/sqlite/newest-schema.ts': 'written by a test from the migrations, nobody adds to it',
};

const NOUNS: Readonly<Record<string, RegExp>> = {
  variable: /variable/i,
  'saved search': /saved?[-_ ]?search/i,
  'flow run input': /flow[-_ ]?run[-_ ]?input/i,
};

const sources = readSources(join(import.meta.dirname, '..'), ['src/**/*.{ts,js}']).filter(
  ({ path }) => !isTest(path) && !path.includes('/fixtures/'),
);

/** What a program means by it: without comments, variables of the environment and of jobs. */
function wordsOf({ text }: Source): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    .replaceAll(/environment[-_ ]?variables?|job[-_ ]?variables?/gi, '');
}

const naming = (noun: RegExp): string[] =>
  sources.filter((source) => noun.test(wordsOf(source))).map(({ path }) => path);

for (const [noun, pattern] of Object.entries(NOUNS)) {
  test(`a ${noun} costs ${FILES_MAX} files at most`, (context) => {
    const files = naming(pattern).filter((path) => !(path in BESIDE));
    context.diagnostic(`${files.length} files: ${files.join(', ')}`);
    assert.ok(files.length >= 5, `only ${files.length} files were found`);
    assert.ok(files.length <= FILES_MAX, `${files.length} files name it:\n${files.join('\n')}`);
  });
}

test('every file that is not counted names a noun', () => {
  const all = new Set(Object.values(NOUNS).flatMap(naming));
  assert.deepEqual(
    Object.keys(BESIDE).filter((path) => !all.has(path)),
    [],
  );
});
