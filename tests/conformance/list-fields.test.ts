/** Lists over the API name what narrows and orders them: each name is a field that the store has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { artifactCollectionFilter, artifactFilter, artifactSorts } from '../../src/contract/artifact.ts';
import { automationFilter, automationSorts } from '../../src/contract/automation.ts';
import type { Filter } from '../../src/contract/filter/filter.ts';
import { deploymentFilter, workPoolFilter, workQueueFilter } from '../../src/contract/filter/infrastructure.ts';
import {
  blockDocumentFilter,
  blockSchemaFilter,
  blockTypeFilter,
  logFilter,
} from '../../src/contract/filter/records.ts';
import { flowFilter, flowRunFilter, taskRunFilter } from '../../src/contract/filter/runs.ts';
import {
  blockDocumentSorts,
  deploymentSorts,
  flowRunSorts,
  flowSorts,
  logSorts,
  taskRunSorts,
  type Sorts,
} from '../../src/contract/filter/sort.ts';
import { variableFilter, variableSorts } from '../../src/contract/variable.ts';
import type { AskedNoun, Condition, Noun } from '../../src/core/query.ts';
import { NOUN_TABLES, RELATIONS } from '../../src/store/queries/fields.ts';

type Facts = Readonly<Record<string, unknown>>;
type Listed = { readonly filter?: Pick<Filter, 'schema' | 'condition'>; readonly sorts?: Sorts };

const LISTS: Readonly<Partial<Record<Noun, Listed>>> = {
  flow: { filter: flowFilter, sorts: flowSorts },
  flow_run: { filter: flowRunFilter, sorts: flowRunSorts },
  task_run: { filter: taskRunFilter, sorts: taskRunSorts },
  log: { filter: logFilter, sorts: logSorts },
  deployment: { filter: deploymentFilter, sorts: deploymentSorts },
  work_pool: { filter: workPoolFilter },
  work_queue: { filter: workQueueFilter },
  artifact: { filter: artifactFilter, sorts: artifactSorts },
  artifact_collection: { filter: artifactCollectionFilter, sorts: artifactSorts },
  automation: { filter: automationFilter, sorts: automationSorts },
  variable: { filter: variableFilter, sorts: variableSorts },
  block_type: { filter: blockTypeFilter },
  block_schema: { filter: blockSchemaFilter },
  block_document: { filter: blockDocumentFilter, sorts: blockDocumentSorts },
};

const TEXTS: Readonly<Record<string, string>> = {
  'any-uuid': '01975300-0000-7000-8000-000000000001',
  'lenient-date-time': '2026-01-01T00:00:00Z',
};

/** A value that fits the schema, and narrows a list. */
function sampleOf(schema: Facts): unknown {
  const [first] = (schema['anyOf'] ?? []) as readonly Facts[];
  if (first !== undefined) return sampleOf(first);
  switch (schema['type']) {
    case 'array':
      return [sampleOf(schema['items'] as Facts)];
    case 'boolean':
      return true;
    case 'integer':
      return 1;
    case 'object':
      return Object.fromEntries(
        Object.entries(schema['properties'] as Readonly<Record<string, Facts>>)
          .filter(([name]) => name !== 'operator')
          .map(([name, part]) => [name, sampleOf(part)]),
      );
    default:
      return schema['const'] ?? TEXTS[String(schema['format'])] ?? 'text';
  }
}

/** Looks at every part of the condition, and counts the fields. */
function checkFields(noun: AskedNoun, condition: Condition): number {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.reduce((count, part) => count + checkFields(noun, part), 0);
    case 'not':
      return checkFields(noun, condition.of);
    case 'exists': {
      const relation = `${noun}>${condition.noun}${condition.by === undefined ? '' : `:${condition.by}`}`;
      assert.ok(relation in RELATIONS, `no relation ${relation}`);
      return 1 + checkFields(condition.noun, condition.where);
    }
    default:
      assert.ok(condition.field in NOUN_TABLES[noun].fields, `${noun} has no field ${condition.field}`);
      return 1;
  }
}

for (const [noun, { filter, sorts }] of Object.entries(LISTS) as [Noun, Listed][]) {
  test(`${noun} has the fields that its lists are narrowed and ordered by`, () => {
    if (filter) {
      const parts = Object.entries(sampleOf(filter.schema as unknown as Facts) as Readonly<Record<string, Facts>>);
      assert.ok(parts.length > 0);
      const counts = parts.map(([name, body]) => checkFields(noun, filter.condition({ [name]: body })));
      assert.ok(Math.max(...counts) > 0, 'some part narrows');
    }
    if (sorts) {
      const [named] = (sorts.schema as unknown as Facts)['anyOf'] as readonly Facts[];
      const names = ((named ?? {})['anyOf'] as readonly Facts[]).map((each) => String(each['const']));
      assert.ok(names.length > 0);
      for (const { field } of names.flatMap((name) => sorts.of(name)))
        assert.ok(field in NOUN_TABLES[noun].fields, `${noun} has no field ${field}`);
    }
  });
}
