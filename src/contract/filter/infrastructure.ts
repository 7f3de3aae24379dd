/** Filters of deployments, work pools and work queues. */

import { Type } from '../type.ts';

import type { Condition } from '../../core/query.ts';
import { UuidIn } from '../route.ts';
import { criterion, filter } from './filter.ts';
import {
  anyOf,
  equals,
  hasAll,
  hasAny,
  ignored,
  isEmptyList,
  like,
  noneOf,
  partOf,
  startsWithOneOf,
  type Leaf,
} from './leaf.ts';
import { Whole } from '../schema/scalars.ts';

const flowOrDeploymentName: Leaf = {
  schema: like('name').schema,
  condition: (text: string): Condition | null =>
    text === ''
      ? null
      : { op: 'or', of: [partOf('name', text), { op: 'exists', noun: 'flow', where: partOf('name', text) }] },
};

export const deploymentFilter = filter('DeploymentFilter', {
  id: criterion({ any_: anyOf('id', UuidIn), not_any_: noneOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name'), like_: like('name') }),
  flow_or_deployment_name: criterion({ like_: flowOrDeploymentName }),
  paused: criterion({ eq_: equals('paused', Type.Boolean()) }),
  tags: criterion({ all_: hasAll('tags'), any_: hasAny('tags'), is_null_: isEmptyList('tags') }, { operator: true }),
  work_queue_name: criterion({ any_: anyOf('workQueueName') }),
  // Out of use in Prefect: accepted, and left out of what it would be combined with.
  concurrency_limit: {
    schema: criterion({ ge_: ignored(Whole()), le_: ignored(Whole()), is_null_: ignored(Type.Boolean()) }).schema,
    condition: () => null,
  },
});

export const workPoolFilter = filter('WorkPoolFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name') }),
  type: criterion({ any_: anyOf('type') }),
});

export const workQueueFilter = filter('WorkQueueFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name'), startswith_: startsWithOneOf('name') }),
});
