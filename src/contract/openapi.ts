/** The OpenAPI 3.1 document, made from the same contracts that check what arrives. */

import { isOptional, type TSchema } from './type.ts';

import type { RouteContract } from './route.ts';

type Json = unknown;
type JsonObject = Record<string, Json>;

export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

/** Formats that only our checker knows, by the standard ones that describe them. */
const STANDARD_FORMATS: Readonly<Record<string, string>> = { 'any-uuid': 'uuid', 'lenient-date-time': 'date-time' };

const PROBLEM: JsonObject = {
  type: 'object',
  required: ['exception_message', 'exception_detail', 'request_body'],
  properties: {
    exception_message: { type: 'string' },
    exception_detail: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          loc: { type: 'array', items: { type: ['string', 'integer'] } },
          msg: { type: 'string' },
          input: {},
        },
      },
    },
    request_body: {},
  },
};

const FAILURE: JsonObject = {
  type: 'object',
  properties: {
    detail: { type: 'string' },
    exception_message: { type: 'string' },
    code: { type: 'string' },
    remedy: { type: 'string' },
  },
};

/** @param entities schemas that get a name in the document; they are found by identity */
export function openApiDocument(
  contracts: readonly RouteContract[],
  entities: Readonly<Record<string, TSchema>>,
  info: OpenApiInfo,
): JsonObject {
  const names = new Map<object, string>(Object.entries(entities).map(([name, schema]) => [schema, name]));
  const components: Record<string, Json> = { RequestProblem: PROBLEM, RequestFailure: FAILURE };
  const writer = new SchemaWriter(names, components);
  for (const [name, schema] of Object.entries(entities)) components[name] = writer.write(schema, true);
  const paths: Record<string, JsonObject> = {};
  for (const contract of contracts) {
    const { path } = contract;
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: describe(contract, writer) };
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/api' }],
    tags: [...new Set(contracts.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'The auth string of the server, when it has one.' },
      },
    },
  };
}

function describe(contract: RouteContract, writer: SchemaWriter): JsonObject {
  const pathNames = [...contract.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const parameters = [
    ...pathNames.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: contract.params?.[name]
        ? writer.write(contract.params[name])
        : { type: 'string', ...(name === 'id' ? { format: 'uuid' } : {}) },
    })),
    ...Object.entries(contract.query ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: !isOptional(schema),
      schema: writer.write(schema),
    })),
  ];
  const answers = Object.entries(contract.answers ?? { 200: {} as TSchema }).map(([status, schema]) => [
    status,
    {
      description: STATUS_WORDS[status] ?? 'Done',
      ...(schema === null
        ? {}
        : { content: { [contract.answerType ?? 'application/json']: { schema: writer.write(schema) } } }),
    },
  ]);
  const canBeInvalid = contract.body !== undefined || contract.query !== undefined || contract.params !== undefined;
  return {
    operationId: contract.name,
    summary: contract.summary,
    tags: [contract.tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(contract.body
      ? {
          requestBody: {
            required: contract.isBodyOptional !== true,
            content: { 'application/json': { schema: writer.write(contract.body) } },
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(answers),
      ...(pathNames.length > 0 ? { 404: failure('There is no such thing.') } : {}),
      ...(canBeInvalid
        ? {
            422: {
              description: 'The request is wrong: what and where.',
              content: {
                'application/json': {
                  schema: {
                    anyOf: [
                      { $ref: '#/components/schemas/RequestProblem' },
                      { $ref: '#/components/schemas/RequestFailure' },
                    ],
                  },
                },
              },
            },
          }
        : {}),
      default: failure('Another failure.'),
    },
  };
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Taken',
  204: 'Done, nothing to say',
};

function failure(description: string): JsonObject {
  return { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/RequestFailure' } } } };
}

/** Writes schemas as JSON, with references where an entity stands. */
class SchemaWriter {
  readonly #names: ReadonlyMap<object, string>;
  readonly #components: Record<string, Json>;

  constructor(names: ReadonlyMap<object, string>, components: Record<string, Json>) {
    this.#names = names;
    this.#components = components;
  }

  write(schema: unknown, isRoot = false): Json {
    if (Array.isArray(schema)) return schema.map((part) => this.write(part));
    if (typeof schema !== 'object' || schema === null) return schema;
    const name = this.#names.get(schema);
    if (name !== undefined && !isRoot) return { $ref: `#/components/schemas/${name}` };
    const { $defs, ...rest } = schema as JsonObject & { $defs?: Record<string, Json> };
    // Schemas that speak of themselves bring their definitions along.
    for (const [key, definition] of Object.entries($defs ?? {})) this.#components[key] ??= this.write(definition, true);
    const written: JsonObject = {};
    for (const [key, value] of Object.entries(rest)) {
      if (key.startsWith('~')) continue;
      if (key === '$id' || key === 'additionalItems') continue;
      if (key === '$ref' && typeof value === 'string')
        written[key] = value.startsWith('#') ? value : `#/components/schemas/${value}`;
      else if (key === 'format' && typeof value === 'string') written[key] = STANDARD_FORMATS[value] ?? value;
      // Pairs, said so that tools of every age read them: as many items, each of one of the kinds.
      else if (key === 'items' && Array.isArray(value))
        Object.assign(written, { items: { anyOf: this.write(value) }, minItems: value.length, maxItems: value.length });
      else written[key] = key === 'enum' || key === 'const' || key === 'required' ? value : this.write(value);
    }
    return written;
  }
}
