import { Type } from '../type.ts';

import type { RouteContract } from '../route.ts';

const tag = 'Service';

export const HEALTH = {
  method: 'GET',
  path: '/health',
  name: 'health',
  tag,
  summary: 'Whether the server answers',
  access: 'open',
  isOfAnyVersion: true,
  answers: { 200: Type.Boolean() },
} as const satisfies RouteContract;

export const READY = {
  method: 'GET',
  path: '/ready',
  name: 'ready',
  tag,
  summary: 'Whether the database answers',
  access: 'open',
  answers: { 200: Type.Object({ message: Type.String() }) },
} as const satisfies RouteContract;

export const HELLO = {
  method: 'GET',
  path: '/hello',
  name: 'hello',
  tag,
  summary: 'A greeting',
  answers: { 200: Type.String() },
} as const satisfies RouteContract;

export const API_VERSION = {
  method: 'GET',
  path: '/version',
  name: 'server_version',
  tag,
  summary: 'Version of the protocol',
  isOfAnyVersion: true,
  answers: { 200: Type.String() },
} as const satisfies RouteContract;

export const PACKAGE_VERSION = {
  method: 'GET',
  path: '/admin/version',
  name: 'read_version',
  tag,
  summary: "Version of Prefect's package that the protocol is of",
  answers: { 200: Type.String() },
} as const satisfies RouteContract;

export const OPENAPI = {
  method: 'GET',
  path: '/openapi.json',
  name: 'openapi',
  tag,
  summary: 'This description',
  answers: { 200: Type.Unknown() },
} as const satisfies RouteContract;
