/**
 * What Prefect's server says of itself: its operations, and the schemas of what they take. The requests are made from
 * it.
 */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

export interface Parameter {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
}

export interface Described {
  /** Method and path below `/api`, for instance `POST /flow_runs/{id}/set_state`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly Parameter[];
  /** `null`: takes no body. */
  readonly body: Schema | null;
}

export interface Description {
  readonly operations: readonly Described[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** @param apiUrl of Prefect's server; its description lies beside its API */
export async function readDescription(apiUrl: string): Promise<Description> {
  const { paths, components } = (await (await fetch(new URL('/openapi.json', apiUrl))).json()) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => described(method.toUpperCase(), path, operation)),
  );
  return { operations, schemas: components.schemas };
}

function described(method: string, path: string, { parameters = [], requestBody }: Operation): Described {
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, required = false, schema }) => ({ name, isRequired: required, schema }));
  return {
    key: `${method} ${path}`,
    method,
    path,
    query,
    body: requestBody?.content['application/json']?.schema ?? null,
  };
}
