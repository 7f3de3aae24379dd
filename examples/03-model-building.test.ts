import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { buildModel, evaluateModel, prepareData } from './03-model-building.ts';
import { readRecords, runExample, runLines, temporaryFolder, type Recorded } from './fixtures/run-example.ts';

const FILE = '03-model-building.ts';
const penguins = join(import.meta.dirname, 'data', 'penguins.csv');

/** The task runs of one task, oldest first: how each ended and what the cache said. */
function lifeOf({ taskRuns }: Recorded, taskName: string): string[] {
  return taskRuns
    .filter((run) => run.taskName === taskName)
    .map(({ state, cache }) => `${state.name}: ${cache?.outcome} (${cache?.reason})`);
}

const runWith = (parameters: string, folder: string): ReturnType<typeof runLines> =>
  runLines(`import { model_building } from './${FILE}'; await model_building(${parameters});`, folder);

describe('model building', { concurrency: true }, () => {
  test('prints the evaluation and keeps it as a table, a text and a picture', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout, stderr, exitCode } = await runExample(FILE, folder);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /98 % of 100 penguins told right, after learning from 233; 11 left out/);
    assert.match(stdout, /│ Chinstrap +│ 2 +│ 14 +│ 0 +│ 100 +│ 87\.5 +│/);

    const recorded = await readRecords(folder);
    const { artifacts } = recorded;
    assert.deepEqual(
      new Set(artifacts.map(({ key, type }) => `${key}: ${type}`)),
      new Set(['penguins-report: markdown', 'penguins-by-class: table', 'penguins-confusion-matrix: image']),
    );
    const [, encoded = ''] = String(artifacts.find(({ type }) => type === 'image')?.data).split(
      'data:image/svg+xml;base64,',
    );
    const svg = Buffer.from(encoded, 'base64').toString();
    assert.match(svg, /^<svg [^]*>36<\/text>[^]*<\/svg>$/);
    assert.deepEqual(JSON.parse(String(artifacts.find(({ type }) => type === 'table')?.data))[0], {
      species: 'Adelie',
      'as Adelie': 48,
      'as Chinstrap': 0,
      'as Gentoo': 0,
      'precision %': 96,
      'recall %': 100,
    });
    assert.ok(recorded.logs.some((message) => message.includes('98 % of 100 penguins')));
  });

  test('a second run takes data and model from the cache and says so', async (t) => {
    const folder = temporaryFolder(t);
    const first = await runExample(FILE, folder);
    const second = await runExample(FILE, folder);
    assert.equal(second.stdout, first.stdout);
    assert.match(first.stderr, /prepareData-0 .*Completed .*cache miss: no earlier result of this task/);
    assert.match(second.stderr, /prepareData-0 .*Cached .*cache hit/);
    assert.match(second.stderr, /buildModel-0 .*Cached .*cache hit/);

    const recorded = await readRecords(folder);
    const life = ['Completed: miss (no earlier result of this task)', 'Cached: hit (same key as an earlier run)'];
    assert.deepEqual(lifeOf(recorded, 'prepareData'), life);
    assert.deepEqual(lifeOf(recorded, 'buildModel'), life);
    const [computed, reused] = recorded.taskRuns.filter(({ taskName }) => taskName === 'buildModel');
    assert.equal(reused?.cache?.from, computed?.id);
  });

  test('what changed is named: the number of trees, then the seed', async (t) => {
    const folder = temporaryFolder(t);
    await runExample(FILE, folder);
    await runWith('{ trees: 10 }', folder);
    await runWith('{ trees: 10, seed: 7 }', folder);
    const recorded = await readRecords(folder);
    assert.deepEqual(lifeOf(recorded, 'prepareData'), [
      'Completed: miss (no earlier result of this task)',
      'Cached: hit (same key as an earlier run)',
      'Completed: miss (input "seed" changed)',
    ]);
    assert.deepEqual(lifeOf(recorded, 'buildModel'), [
      'Completed: miss (no earlier result of this task)',
      'Completed: miss (input "trees" changed)',
      'Completed: miss (input "training" and input "seed" changed)',
    ]);
  });

  test('parameters out of range are refused', async (t) => {
    const folder = temporaryFolder(t);
    const { exitCode } = await runWith('{ testShare: 1.5, trees: 0 }', folder);
    assert.equal(exitCode, 1);
    const { flowRuns } = await readRecords(folder);
    assert.match(flowRuns[0]?.state.message ?? '', /testShare: .*got 1\.5.*trees: .*got 0/s);
  });
});

describe('the functions themselves', () => {
  const csv = readFileSync(penguins, 'utf8');

  test('preparation drops incomplete rows and splits the rest, the same way for the same seed', () => {
    const prepared = prepareData.fn(csv, 0.3, 1);
    assert.deepEqual([prepared.training.labels.length, prepared.test.labels.length, prepared.dropped], [233, 100, 11]);
    assert.deepEqual(prepareData.fn(csv, 0.3, 1), prepared);
    assert.notDeepEqual(prepareData.fn(csv, 0.3, 2).test, prepared.test);
    assert.ok(prepared.training.features.every((row) => row.length === 4 && row.every(Number.isFinite)));
  });

  test('the model learns, and is plain data', () => {
    const { training, test: unseen } = prepareData.fn(csv, 0.3, 1);
    const model = buildModel.fn(training, 15, 1);
    assert.deepEqual(structuredClone(model), model);
    const { accuracy, matrix } = evaluateModel.fn(model, unseen);
    assert.ok(accuracy > 0.9, `accuracy ${accuracy}`);
    assert.equal(
      matrix.flat().reduce((sum, count) => sum + count, 0),
      100,
    );
  });

  test('the data set is the published one', () => {
    assert.equal(createHash('md5').update(csv).digest('hex'), 'a06a0210251465a86fb970018292304d');
  });
});
