/** What the server says about its own API: an OpenAPI 3.1 document. */
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './http.ts';

export type Schema = boolean | Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

interface Body {
  readonly required?: boolean;
  readonly description?: string;
  /** By media type. */
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface OperationObject {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Body;
  /** By status, or `default`. */
  readonly responses?: Readonly<Record<string, Body>>;
}

export interface Description {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string }[];
  /** By path, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** It changes with the server's version only. */
export const descriptionQuery = queryOptions({
  queryKey: ['description'],
  queryFn: ({ signal }) => getJson<Description>('/openapi.json', { signal }),
  staleTime: Infinity,
});
