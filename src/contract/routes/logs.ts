import { Type } from '../type.ts';

import { BULKY_BODY } from '../json-bounds.ts';
import { Limit, Offset, Parts, type RouteContract } from '../route.ts';
import { LogsIn } from '../body/log.ts';
import { logFilter } from '../filter/records.ts';
import { logSorts } from '../filter/sort.ts';
import { Maybe } from '../route.ts';
import { Log } from '../schema/log.ts';

const tag = 'Logs';

export const CREATE_LOGS = {
  method: 'POST',
  path: '/logs/',
  name: 'create_logs',
  tag,
  summary: 'Record logs',
  body: LogsIn,
  bodyLimits: BULKY_BODY,
  answers: { 201: Type.Null() },
} as const satisfies RouteContract;

export const FILTER_LOGS = {
  method: 'POST',
  path: '/logs/filter',
  name: 'read_logs',
  tag,
  summary: 'List logs',
  body: Parts({ logs: Maybe(logFilter.schema), sort: logSorts.schema, limit: Limit, offset: Offset }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Log) },
} as const satisfies RouteContract;
