/** `flow(fn, options)`: a function whose calls are recorded runs. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { delayList } from '../core/retry.ts';
import type { FlowRun, RunLease } from '../core/flow-run.ts';
import type { State } from '../core/state.ts';
import { alikeTo } from '../engine/alike.ts';
import { callFlow } from '../engine/call-flow.ts';
import type { FlowDefinition, FlowOptions } from '../engine/definitions.ts';
import type { StreamFlowFuture } from '../engine/flow-call.ts';
import type { FlowFuture } from '../engine/future.ts';
import { registerFlow } from '../engine/registry.ts';
import { isGeneratorFunction } from '../engine/stream.ts';
import type { TakenRun } from '../engine/take-run.ts';
import { captureCallSite, isByModule } from '../platform/call-sites.ts';
import { firstParameterKeys } from '../platform/function-parameters.ts';
import { checkFlowOptions, checkFunction, checkStreamOptions } from './check-options.ts';
import { beginDeploying, DEPLOY_KEYS, type Deployed, type DeployOptions } from './deploy-options.ts';
import { defineDeployment, type DeploymentDefinition, type DeploymentOptions } from './deployment-definition.ts';
import { functionName, PROCESS_MARK, sourceHash } from './describe-function.ts';
import { jsonSchemaOf, validatorOf, type AnySchema } from './parameters.ts';
import type { Resolved } from './resolved.ts';
import { ensureDoor } from './runtime.ts';
import { beginFrom, type FromOptions } from './from-options.ts';
import { beginServing, SERVE_KEYS, type ServeOptions } from './serve-options.ts';
import type { Input } from './task.ts';

/** What awaiting a flow gives: futures inside what it returned are resolved. */
export type FlowResult<R> = [R] extends [never]
  ? never
  : R extends AsyncGenerator<infer T, unknown, unknown> | Generator<infer T, unknown, unknown>
    ? Resolved<T>[]
    : Resolved<Awaited<R>>;
type FutureOf<R> = [R] extends [never]
  ? FlowFuture<never>
  : 0 extends 1 & R
    ? FlowFuture<R>
    : [R] extends [AsyncGenerator<infer T, unknown, unknown> | Generator<infer T, unknown, unknown>]
      ? StreamFlowFuture<Resolved<T>>
      : FlowFuture<FlowResult<R>>;

type Call<P> = [P] extends [never]
  ? []
  : unknown extends P
    ? [parameters?: P]
    : undefined extends P
      ? [parameters?: Input<P>]
      : Record<never, never> extends P
        ? [parameters?: Input<P>]
        : [parameters: Input<P>];

/** @internal */
export interface AskedRun {
  readonly parameters: unknown;
  /** The lease of the worker that has started this process for the run. Default: nobody did. */
  readonly handedOver?: RunLease | null;
  /** This process has taken the run. Default: it has not. */
  readonly taken?: TakenRun;
}

export interface Flow<P, R> {
  /**
   * Runs the flow; inside another flow as a subflow. Awaiting the future gives the return value, or throws the failure.
   */
  (...call: Call<P>): FutureOf<R>;
  /** Runs the flow and returns its final state; never throws the run's failure. */
  state(...call: Call<P>): Promise<State>;
  /** The same flow with other options. */
  with(options: FlowOptions & { readonly optional: true }): Flow<P, R | undefined>;
  with(options: FlowOptions): Flow<P, R>;
  /** What is said of a deployment of this flow, for `serve(…)`. */
  toDeployment(options?: DeploymentOptions<P>): DeploymentDefinition;
  /**
   * Registers a deployment of this flow, and runs what is due of it in this process, until the process is told to end.
   * Needs a server (`OSTINATO_API_URL`).
   */
  serve(options?: DeploymentOptions<P> & ServeOptions): Promise<void>;
  /**
   * Makes a deployment of this flow, whose runs the workers of a pool take; the same a second time changes nothing.
   * Needs a server (`OSTINATO_API_URL`).
   */
  deploy(options?: DeploymentOptions<P> & DeployOptions): Promise<Deployed>;
  /** The wrapped function, for unit tests. */
  readonly fn: (parameters: never) => R;
  readonly flowName: string;
  /** JSON Schema of the parameters; `null` where their schema library has none. */
  readonly parameterSchema: Readonly<Record<string, unknown>> | null;
  /** @internal Names of the parameters of a flow without a schema; `null` when it takes any, or has a schema. */
  readonly parameterNames: readonly string[] | null;
  /** @internal */
  readonly definition: FlowDefinition;
  /** @internal Continues a recorded run. @param asked what it is called with, when it was asked for over the API */
  continueRun(run: FlowRun, asked?: AskedRun): FlowFuture<unknown>;
}

type PlainFlowOf<F> = F extends (...args: infer Args) => infer R
  ? Flow<Args extends readonly [] ? never : Args[0], R>
  : never;
/** A function with type parameters keeps its own signature, as with tasks. */
type FlowOf<F> = F extends (...args: infer Args) => infer R
  ? [(...args: Args) => R] extends [F]
    ? PlainFlowOf<F>
    : F & PlainFlowOf<F>
  : never;

export interface SchemaOption<S> {
  /** Any Standard Schema of one object: parameters are coerced and checked before the run starts. */
  readonly parameters: S;
}

export function flow<S extends StandardSchemaV1, R>(
  fn: (parameters: StandardSchemaV1.InferOutput<S>) => R,
  options: FlowOptions & SchemaOption<S>,
): Flow<StandardSchemaV1.InferInput<S>, R>;
// Not `(parameters: P) => R`: a parameter with a default would get its type from there, instead of from its default.
export function flow<F extends CallableFunction>(fn: F, options?: FlowOptions): FlowOf<F>;
export function flow(given: CallableFunction, options: FlowOptions & Partial<SchemaOption<AnySchema>> = {}): unknown {
  checkFunction(given, 'flow');
  const fn = given as (parameters: never) => unknown;
  const { parameters: schema, ...rest } = options;
  const { file, before } = captureCallSite(flow);
  const name = options.name ?? functionName(fn, 'flow', before);
  checkFlowOptions(name, options);
  let described: Flow<never, unknown>['parameterSchema'] | undefined;
  // Made on first use: most programs never need it, and it costs as much as many definitions.
  const describe = (): Flow<never, unknown>['parameterSchema'] =>
    described === undefined ? (described = schema ? jsonSchemaOf(schema) : null) : described;
  const definition: FlowDefinition = {
    fn: fn as never,
    name,
    file,
    version: options.version ?? sourceHash(fn),
    alike: alikeTo(fn, { file, key: `flow:${name}`, sourceHash: sourceHash(fn), process: PROCESS_MARK, isByModule }),
    streams: isGeneratorFunction(fn),
    options: rest,
    retryDelays: delayList(rest.retryDelaySeconds ?? 0, rest.retries ?? 0),
    validate: schema ? validatorOf(schema, describe) : null,
  };
  return wrap(definition, describe);
}

/**
 * A flow whose code lies in a Git repository, or in a folder of this machine: to be deployed or served. Its type is
 * said by who asks: `flow.from<typeof sales>('https://…', { entrypoint: 'flows.ts:sales' })`.
 */
flow.from = async <F = Flow<unknown, unknown>>(source: string, options: FromOptions): Promise<F> =>
  (await beginFrom(source, options)) as F;

function wrap(
  definition: FlowDefinition,
  parameterSchema: () => Flow<never, unknown>['parameterSchema'],
): Flow<never, unknown> {
  ensureDoor();
  if (definition.streams) checkStreamOptions(definition.name, 'flow', definition.options);
  const call = function (this: unknown, parameters?: unknown): unknown {
    return callFlow(definition, this, parameters, call);
  };
  const state = (parameters?: unknown): Promise<State> => callFlow(definition, undefined, parameters, state).wait();
  const withOptions = (options: FlowOptions): Flow<never, unknown> => {
    const name = options.name ?? definition.name;
    checkFlowOptions(name, options);
    const merged = { ...definition.options, ...options };
    return wrap(
      {
        ...definition,
        name,
        version: options.version ?? definition.version,
        options: merged,
        retryDelays: delayList(merged.retryDelaySeconds ?? 0, merged.retries ?? 0),
      },
      parameterSchema,
    );
  };
  const continueRun = (run: FlowRun, asked?: AskedRun): FlowFuture<unknown> =>
    callFlow(definition, undefined, asked?.parameters, continueRun, run, asked);
  const toDeployment = (options?: DeploymentOptions): DeploymentDefinition => defineDeployment(wrapped, options);
  const serve = async (options: DeploymentOptions & ServeOptions = {}): Promise<void> =>
    await beginServing([defineDeployment(wrapped, options, SERVE_KEYS)], options);
  const deploy = async (options: DeploymentOptions & DeployOptions = {}): Promise<Deployed> =>
    await beginDeploying(defineDeployment(wrapped, options, DEPLOY_KEYS), options);
  Object.defineProperty(call, 'name', { value: definition.name, configurable: true });
  const wrapped = Object.assign(call, {
    state,
    with: withOptions,
    toDeployment,
    serve,
    deploy,
    fn: definition.fn,
    flowName: definition.name,
    definition,
    continueRun,
  }) as unknown as Flow<never, unknown>;
  Object.defineProperty(wrapped, 'parameterSchema', { get: parameterSchema, enumerable: true });
  Object.defineProperty(wrapped, 'parameterNames', {
    get: () => (definition.validate === null ? firstParameterKeys(definition.fn as never) : null),
    enumerable: true,
  });
  registerFlow(definition, wrapped);
  return wrapped;
}

const FLOW_KEYS = ['definition', 'continueRun', 'flowName'] as const;

/** Whether an export of a module is a flow. */
export function isFlow(value: unknown): value is Flow<unknown, unknown> {
  return typeof value === 'function' && FLOW_KEYS.every((key) => key in value);
}
