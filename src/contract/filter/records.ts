/** Filters of what runs leave behind and share: logs, blocks. */

import { Type } from '../type.ts';

import type { Condition } from '../../core/query.ts';
import { UuidIn } from '../route.ts';
import { criterion, filter, type FilterBody } from './filter.ts';
import { anyOf, atLeast, atMost, equals, hasAll, isNull, like, notAfter, notBefore } from './leaf.ts';
import { textSearchCondition } from './text-search.ts';

const SEARCH_LENGTH_MAX = 200;

export const logFilter = filter('LogFilter', {
  level: criterion({ ge_: atLeast('level'), le_: atMost('level') }),
  timestamp: criterion({ before_: notAfter('timestamp'), after_: notBefore('timestamp') }),
  flow_run_id: criterion({ any_: anyOf('flowRunId', UuidIn) }),
  task_run_id: criterion({ any_: anyOf('taskRunId', UuidIn), is_null_: isNull('taskRunId') }),
  text: {
    schema: Type.Object({ query: Type.String({ maxLength: SEARCH_LENGTH_MAX }) }, { additionalProperties: false }),
    condition: (body: FilterBody) => textSearchCondition('text', body['query'] as string),
  },
});

export const blockTypeFilter = filter(
  'BlockTypeFilter',
  { name: criterion({ like_: like('name') }), slug: criterion({ any_: anyOf('slug') }) },
  { operator: false },
);

export const blockSchemaFilter = filter('BlockSchemaFilter', {
  block_type_id: criterion({ any_: anyOf('blockTypeId', UuidIn) }),
  block_capabilities: criterion({ all_: hasAll('capabilities') }),
  id: criterion({ any_: anyOf('id', UuidIn) }),
  version: criterion({ any_: anyOf('version') }),
});

/** Documents without a name are kept out unless `is_anonymous` says otherwise (`null`: all). */
export const NAMED_BLOCKS: Condition = Object.freeze({ op: 'eq', field: 'isAnonymous', value: false });

const everyBlockDocumentFilter = filter('BlockDocumentFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  is_anonymous: criterion({ eq_: equals('isAnonymous', Type.Boolean()) }),
  block_type_id: criterion({ any_: anyOf('blockTypeId', UuidIn) }),
  name: criterion({ any_: anyOf('name'), like_: like('name') }),
});

export const blockDocumentFilter: typeof everyBlockDocumentFilter = {
  schema: everyBlockDocumentFilter.schema,
  condition: (body) =>
    everyBlockDocumentFilter.condition(
      body['is_anonymous'] === undefined ? { ...body, is_anonymous: { eq_: false } } : body,
    ),
};
