/**
 * # 3 · Prepare data, build a model, look at it
 *
 * Tells penguins apart by their measurements: data preparation and model building are tasks under one main flow. Run it
 * twice: the second run takes both from the cache and says so. Then change something and read why it missed: `npx
 * ostinato run examples/03-model-building.ts -p trees=50`.
 *
 * What to look at:
 * - `cache: INPUTS.plus(SOURCE)`: a result is used again while the inputs and the task's own code are the same. What a
 *   result depends on must be an input: here the text of the file, not its path, and the seed of every random choice.
 * - The model is returned as plain data: results are stored as text that any later process can read.
 * - `artifacts` keep what people want to look at: a table, a text and a picture.
 */

import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import { ConfusionMatrix } from 'ml-confusion-matrix';
import { RandomForestClassifier } from 'ml-random-forest';
import { artifacts, flow, INPUTS, SOURCE, task } from 'ostinato';
import { z } from 'zod';

import { drawConfusionMatrix } from './03-confusion-matrix.ts';

const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'];
const MEASURES = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'];

interface Samples {
  features: number[][];
  labels: number[];
}

export const prepareData = task(
  (csv: string, testShare: number, seed: number): { training: Samples; test: Samples; dropped: number } => {
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    const complete = rows.filter((row) => !Object.values(row).includes('NA'));
    // Sorted by a hash: a shuffle that is the same for the same seed.
    const shuffled = complete
      .map((row, at) => ({ row, order: hash('sha256', `${seed}:${at}`) }))
      .sort((a, b) => a.order.localeCompare(b.order))
      .map(({ row }) => row);
    const samples = (part: typeof rows): Samples => ({
      features: part.map((row) => MEASURES.map((measure) => Number(row[measure]))),
      labels: part.map(({ species }) => SPECIES.indexOf(species ?? '')),
    });
    const testCount = Math.round(shuffled.length * testShare);
    return {
      training: samples(shuffled.slice(testCount)),
      test: samples(shuffled.slice(0, testCount)),
      dropped: rows.length - complete.length,
    };
  },
  { cache: INPUTS.plus(SOURCE) },
);

export const buildModel = task(
  (training: Samples, trees: number, seed: number): object => {
    const forest = new RandomForestClassifier({
      nEstimators: trees,
      seed,
      maxFeatures: 0.8,
      replacement: true,
      noOOB: true,
    });
    forest.train(training.features, training.labels);
    return JSON.parse(JSON.stringify(forest)) as object;
  },
  { cache: INPUTS.plus(SOURCE), retries: 2, retryDelaySeconds: 1 },
);

export const evaluateModel = task((model: object, test: Samples) => {
  const predicted = RandomForestClassifier.load(model as Parameters<typeof RandomForestClassifier.load>[0]).predict(
    test.features,
  );
  const name = (label: number): string => SPECIES[label] ?? '';
  const confusion = ConfusionMatrix.fromLabels(test.labels.map(name), predicted.map(name), { labels: SPECIES });
  const matrix = confusion.getMatrix();
  const classes = SPECIES.map((species, at) => ({
    species,
    taken_for: matrix[at] ?? [],
    precision: confusion.getPositivePredictiveValue(species),
    recall: confusion.getTruePositiveRate(species),
  }));
  return { accuracy: confusion.getAccuracy(), count: confusion.getTotalCount(), matrix, classes };
});

export const model_building = flow(
  async ({ data, testShare, trees, seed }) => {
    const { training, test, dropped } = await prepareData(await readFile(data, 'utf8'), testShare, seed);
    const { accuracy, count, matrix, classes } = await evaluateModel(buildModel(training, trees, seed), test);

    const summary = `${percent(accuracy)} % of ${count} penguins told right, after learning from ${training.labels.length}; ${dropped} left out for missing values.`;
    const table = classes.map(({ species, taken_for, precision, recall }) => ({
      species,
      ...Object.fromEntries(SPECIES.map((other, at) => [`as ${other}`, taken_for[at]])),
      'precision %': percent(precision),
      'recall %': percent(recall),
    }));
    await artifacts.markdown(`# Penguins\n\n${summary}\n\nA random forest of ${trees} trees, seed ${seed}.`, {
      key: 'penguins-report',
    });
    await artifacts.table(table, { key: 'penguins-by-class', description: summary });
    await artifacts.image(
      { svg: drawConfusionMatrix(SPECIES, matrix) },
      { key: 'penguins-confusion-matrix', description: 'How often each species was taken for which' },
    );

    console.log(`\n${summary}\n`);
    console.table(Object.fromEntries(table.map(({ species, ...figures }) => [species, figures])));
    return { accuracy, matrix };
  },
  {
    parameters: z.object({
      data: z.string().default(join(import.meta.dirname, 'data', 'penguins.csv')),
      testShare: z.number().gt(0).lt(1).default(0.3),
      trees: z.int().min(1).max(1000).default(25),
      seed: z.int().min(0).default(42),
    }),
  },
);

const percent = (share: number): number => Math.round(share * 1000) / 10;

if (import.meta.main) await model_building();
