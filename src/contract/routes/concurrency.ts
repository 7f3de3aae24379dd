import { Type } from '../type.ts';

import {
  ConcurrencyLimitCreate,
  ConcurrencyLimitV2Create,
  ConcurrencyLimitV2Update,
  LeaseEnd,
  LeaseRenewal,
  SlotsDecrement,
  SlotsIncrement,
  SlotsIncrementWithLease,
  TagLimitReset,
  TagSlots,
} from '../body/concurrency.ts';
import { Limit, Offset, Parts, UuidIn, type RouteContract } from '../route.ts';
import {
  ConcurrencyLimit,
  ConcurrencyLimitV2,
  ConcurrencyLimitWithLease,
  GlobalConcurrencyLimit,
  MinimalConcurrencyLimit,
} from '../schema/concurrency.ts';

const global = 'Global concurrency limits';
const byTag = 'Concurrency limits on tags';
/** Nothing is free now: `Retry-After` says after how many seconds to ask again. */
const Locked = Type.Object({ detail: Type.String() });
const PageIn = Parts({ limit: Limit, offset: Offset });

export const CREATE_LIMIT_V2 = {
  method: 'POST',
  path: '/v2/concurrency_limits/',
  name: 'create_concurrency_limit_v2',
  tag: global,
  summary: 'Create a concurrency limit',
  body: ConcurrencyLimitV2Create,
  answers: { 201: ConcurrencyLimitV2 },
} as const satisfies RouteContract;

export const READ_LIMIT_V2 = {
  method: 'GET',
  path: '/v2/concurrency_limits/{id_or_name}',
  name: 'read_concurrency_limit_v2',
  tag: global,
  summary: 'Read a concurrency limit',
  answers: { 200: GlobalConcurrencyLimit },
} as const satisfies RouteContract;

export const LIST_LIMITS_V2 = {
  method: 'POST',
  path: '/v2/concurrency_limits/filter',
  name: 'read_all_concurrency_limits_v2',
  tag: global,
  summary: 'List concurrency limits by name',
  body: PageIn,
  isBodyOptional: true,
  answers: { 200: Type.Array(GlobalConcurrencyLimit) },
} as const satisfies RouteContract;

export const UPDATE_LIMIT_V2 = {
  method: 'PATCH',
  path: '/v2/concurrency_limits/{id_or_name}',
  name: 'update_concurrency_limit_v2',
  tag: global,
  summary: 'Change a concurrency limit',
  body: ConcurrencyLimitV2Update,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_LIMIT_V2 = {
  method: 'DELETE',
  path: '/v2/concurrency_limits/{id_or_name}',
  name: 'delete_concurrency_limit_v2',
  tag: global,
  summary: 'Delete a concurrency limit',
  answers: { 204: null },
} as const satisfies RouteContract;

export const INCREMENT_SLOTS = {
  method: 'POST',
  path: '/v2/concurrency_limits/increment',
  name: 'bulk_increment_active_slots',
  tag: global,
  summary: 'Take slots of all these limits, or none',
  body: SlotsIncrement,
  answers: { 200: Type.Array(MinimalConcurrencyLimit), 423: Locked },
} as const satisfies RouteContract;

export const INCREMENT_SLOTS_WITH_LEASE = {
  method: 'POST',
  path: '/v2/concurrency_limits/increment-with-lease',
  name: 'bulk_increment_active_slots_with_lease',
  tag: global,
  summary: 'Take slots of all these limits for a time, or none',
  body: SlotsIncrementWithLease,
  answers: { 200: ConcurrencyLimitWithLease, 423: Locked },
} as const satisfies RouteContract;

export const DECREMENT_SLOTS = {
  method: 'POST',
  path: '/v2/concurrency_limits/decrement',
  name: 'bulk_decrement_active_slots',
  tag: global,
  summary: 'Give slots back by name',
  body: SlotsDecrement,
  answers: { 200: Type.Array(MinimalConcurrencyLimit) },
} as const satisfies RouteContract;

export const DECREMENT_SLOTS_WITH_LEASE = {
  method: 'POST',
  path: '/v2/concurrency_limits/decrement-with-lease',
  name: 'bulk_decrement_active_slots_with_lease',
  tag: global,
  summary: 'Give back what a lease holds',
  body: LeaseEnd,
  answers: { 204: null },
} as const satisfies RouteContract;

export const RENEW_LEASE = {
  method: 'POST',
  path: '/v2/concurrency_limits/leases/{lease_id}/renew',
  name: 'renew_concurrency_lease',
  tag: global,
  summary: 'Hold a lease for longer',
  params: { lease_id: UuidIn },
  body: LeaseRenewal,
  isBodyOptional: true,
  answers: { 204: null, 410: Type.Object({ detail: Type.String() }) },
} as const satisfies RouteContract;

export const CREATE_TAG_LIMIT = {
  method: 'POST',
  path: '/concurrency_limits/',
  name: 'create_concurrency_limit',
  tag: byTag,
  summary: 'Make or change the limit on a tag',
  body: ConcurrencyLimitCreate,
  answers: { 201: ConcurrencyLimit, 200: ConcurrencyLimit },
} as const satisfies RouteContract;

export const READ_TAG_LIMIT = {
  method: 'GET',
  path: '/concurrency_limits/{id}',
  name: 'read_concurrency_limit',
  tag: byTag,
  summary: 'Read the limit on a tag by id',
  answers: { 200: ConcurrencyLimit },
} as const satisfies RouteContract;

export const READ_TAG_LIMIT_BY_TAG = {
  method: 'GET',
  path: '/concurrency_limits/tag/{tag}',
  name: 'read_concurrency_limit_by_tag',
  tag: byTag,
  summary: 'Read the limit on a tag',
  answers: { 200: ConcurrencyLimit },
} as const satisfies RouteContract;

export const LIST_TAG_LIMITS = {
  method: 'POST',
  path: '/concurrency_limits/filter',
  name: 'read_concurrency_limits',
  tag: byTag,
  summary: 'List the limits on tags',
  body: PageIn,
  isBodyOptional: true,
  answers: { 200: Type.Array(ConcurrencyLimit) },
} as const satisfies RouteContract;

export const RESET_TAG_LIMIT = {
  method: 'POST',
  path: '/concurrency_limits/tag/{tag}/reset',
  name: 'reset_concurrency_limit_by_tag',
  tag: byTag,
  summary: 'Free all slots of a tag, or give them to these task runs',
  body: TagLimitReset,
  isBodyOptional: true,
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;

export const DELETE_TAG_LIMIT = {
  method: 'DELETE',
  path: '/concurrency_limits/{id}',
  name: 'delete_concurrency_limit',
  tag: byTag,
  summary: 'Delete the limit on a tag by id',
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;

export const DELETE_TAG_LIMIT_BY_TAG = {
  method: 'DELETE',
  path: '/concurrency_limits/tag/{tag}',
  name: 'delete_concurrency_limit_by_tag',
  tag: byTag,
  summary: 'Delete the limit on a tag',
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;

export const INCREMENT_TAG_SLOTS = {
  method: 'POST',
  path: '/concurrency_limits/increment',
  name: 'increment_concurrency_limits_v1',
  tag: byTag,
  summary: 'Take a slot of each of these tags for a task run, or none',
  body: TagSlots,
  answers: { 200: Type.Array(MinimalConcurrencyLimit), 423: Locked },
} as const satisfies RouteContract;

export const DECREMENT_TAG_SLOTS = {
  method: 'POST',
  path: '/concurrency_limits/decrement',
  name: 'decrement_concurrency_limits_v1',
  tag: byTag,
  summary: 'Give back the slots that a task run holds on these tags',
  body: TagSlots,
  answers: { 200: Type.Array(MinimalConcurrencyLimit) },
} as const satisfies RouteContract;
