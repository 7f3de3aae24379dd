/**
 * What runs inside an isolate: loads the modules that tasks are defined in and runs their bodies.
 *
 * 1. Modules are loaded for their definitions: flows and tasks called at their top level start nothing.
 * 2. A body has a run context of its own; what it logs goes to the program outside.
 * 3. Tasks and flows that a body calls run here, too; the program outside records them (see `inside-ports.ts`). The
 *    body's answer goes out when they are over.
 * 4. Every `run` is answered by exactly one `done` or `failed`, unless the isolate is ended first.
 */

import { toFailureInfo } from '../../core/codec.ts';
import { thrownText } from '../../core/show-value.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { LOG_LEVELS } from '../../core/log.ts';
import { StopReason } from '../cancellation.ts';
import type { FlowDefinition, TaskDefinition } from '../definitions.ts';
import { FlowScope, type StepRegistry } from '../flow-scope.ts';
import type { EnginePorts } from '../ports.ts';
import { awaitDefinition, findTask, setLoadMode, whyUnreached } from '../registry.ts';
import { awaitReturned } from '../returned-futures.ts';
import { ALONE, isSeveral } from '../alike.ts';
import { ReturnedState } from '../returned-state.ts';
import { runInFrame, type Frame } from '../run-context.ts';
import { collectStream, readableList } from '../stream.ts';
import { TaskScope } from '../task-scope.ts';
import { cannotClone, checkClonable, insertErrors } from './cloning.ts';
import { DistantShare } from './distant-share.ts';
import { severalAlike } from './sending.ts';
import type { ParentChannel } from './host.ts';
import { insidePorts, ParentCalls, stepRegistry, type ProgramChannel, type IsolateSources } from './inside-ports.ts';
import type { RunBodyMessage, SurroundingFlow, ToIsolate } from './protocol.ts';

/**
 * Serves the program at the other end of the channel until the isolate is ended. Capturing `console.*` is up to the
 * caller.
 */
export function serveIsolate(channel: ParentChannel, sources: IsolateSources): void {
  setLoadMode('isolate');
  const isolate = new Inside(channel, sources);
  channel.onUncaught((error) => channel.post({ type: 'dying', failure: toFailureInfo(error) }));
  channel.onMessage((message) => isolate.hear(message as ToIsolate));
}

class Inside {
  readonly #channel: ParentChannel;
  readonly #sources: IsolateSources;
  readonly #calls: ParentCalls;
  readonly #imports = new Map<string, Promise<unknown>>();
  #flow: SurroundingFlow | null = null;
  #current: { readonly job: number; readonly scope: TaskScope } | undefined;
  /** Lets a generator continue that waits for its reader. */
  #taken: ((more: boolean) => void) | undefined;

  constructor(channel: ParentChannel, sources: IsolateSources) {
    this.#channel = channel;
    this.#sources = sources;
    this.#calls = new ParentCalls(channel);
  }

  hear(message: ToIsolate): void {
    switch (message.type) {
      case 'run':
        void this.#run(message);
        return;
      case 'abort':
        if (this.#current?.job === message.job)
          this.#current.scope.cancellation.abort(new StopReason(message.kind, message.message));
        return;
      case 'taken':
        if (this.#current?.job === message.job) this.#taken?.(message.more);
        return;
      case 'answer':
        this.#calls.answer(message);
        return;
    }
  }

  async #run(message: RunBodyMessage): Promise<void> {
    const { job } = message;
    const held = new Held();
    let scope: TaskScope | undefined;
    let tell: () => void;
    try {
      if (message.flow !== 'same') this.#flow = message.flow;
      const channel = this.#channelOf(job);
      const share = message.transaction && new DistantShare(message.transaction);
      const ports = insidePorts(channel, this.#sources, message, held.hold, share);
      scope = new TaskScope(
        ports,
        { run: message.taskRun, states: [], queued: false },
        flowScope(ports, this.#flow, stepRegistry(channel, message.taskRun.id)),
        undefined,
        message.captureConsole,
      );
      const result = await this.#runBody(message, scope);
      const kept = (): string | null => share?.encode((text) => scope?.log(LOG_LEVELS.warning, text)) ?? null;
      tell = () => this.#answer(job, result.definition, result.value, kept());
    } catch (error) {
      tell = () => this.#fail(job, error);
    }
    // Code that the body left running still needs this isolate.
    scope?.flow?.bodyEnded();
    await held.whenIdle();
    if (scope) tellUnseenFailures(scope);
    try {
      tell();
    } catch (error) {
      this.#fail(job, error);
    }
  }

  #channelOf(job: number): ProgramChannel {
    return {
      post: (said) => this.#channel.post({ ...said, job }),
      ask: (method, ...args) => this.#calls.ask(job, method, args),
    };
  }

  async #runBody(
    message: RunBodyMessage,
    scope: TaskScope,
  ): Promise<{ readonly definition: TaskDefinition; readonly value: unknown }> {
    const { job } = message;
    this.#current = { job, scope };
    const definition = await this.#load(message);
    // The body may have been asked to stop while its module was loading.
    scope.signal.throwIfAborted();
    this.#channel.post({ type: 'started', job });
    const onYield = message.streams ? (value: unknown): Promise<boolean> => this.#yield(job, scope, value) : null;
    message.readable.forEach(readableList);
    const args = insertErrors(message.args, message.errors);
    const frame: Frame = { scope, tags: message.tags, transaction: null, share: null };
    return {
      definition,
      value: await runInFrame(frame, () =>
        awaitReturned(collectStream(definition, definition.fn.apply(undefined, args as unknown[]), onYield)),
      ),
    };
  }

  #fail(job: number, error: unknown): void {
    this.#channel.post({ type: 'failed', job, failure: toFailureInfo(error) });
  }

  /** Resolves when its reader asks for more or, with `false`, has gone away. */
  async #yield(job: number, scope: TaskScope, value: unknown): Promise<boolean> {
    const taken = new Promise<boolean>((resolve) => {
      this.#taken = resolve;
    });
    // A generator that is to stop must not wait for its reader: it could not hear its signal.
    const stopListening = scope.cancellation.onAbort(() => this.#taken?.(true));
    this.#channel.post({ type: 'yield', job, value });
    try {
      return await taken;
    } finally {
      stopListening();
    }
  }

  #answer(job: number, definition: TaskDefinition, result: unknown, kept: string | null): void {
    const state = result instanceof ReturnedState ? result : null;
    const value = state ? state.value : result;
    const what = `result of task "${definition.name}"`;
    checkClonable(value, what);
    const returned = state && {
      type: state.type,
      name: state.name,
      message: state.message,
      failure: state.error === undefined ? undefined : toFailureInfo(state.error),
    };
    try {
      this.#channel.post({ type: 'done', job, value, returned, kept });
    } catch (error) {
      throw cannotClone(what, thrownText(error).replace(/\.$/, ''), error);
    }
  }

  async #load({ file, taskKey, sourceHash, taskRun }: RunBodyMessage): Promise<TaskDefinition> {
    let importing = this.#imports.get(file);
    if (!importing) this.#imports.set(file, (importing = this.#channel.importFile(file)));
    let definition: TaskDefinition | undefined;
    try {
      definition = await awaitDefinition(importing, () => findTask(taskKey, file), this.#sources.clock);
    } catch (error) {
      throw new OstinatoError(
        'cannot-isolate',
        `The module of task "${taskRun.taskName}" could not be loaded in another thread or process (${file}): ${thrownText(error)}`,
        {
          cause: error,
          remedy:
            'A module that defines isolated tasks is imported once more in every thread and process: it must not depend on the program around it.',
        },
      );
    }
    if (!definition) {
      const unreached = whyUnreached(importing);
      if (unreached !== null) {
        throw new OstinatoError(
          'cannot-isolate',
          `Importing ${file} in another thread or process did not get as far as the definition of task "${taskRun.taskName}": ${unreached}.`,
          {
            remedy:
              "Define the task at the top level of a module, above that line or in a file of its own, put `await` calls into a flow, or run the task with isolation: 'signal'.",
          },
        );
      }
      throw new OstinatoError(
        'cannot-isolate',
        `Importing ${file} does not define task "${taskRun.taskName}", so it cannot run in another thread or process.`,
        {
          remedy:
            "Define the task at the top level of a module, not inside a function, or run it with isolation: 'signal'.",
        },
      );
    }
    if (definition.sourceHash !== sourceHash) {
      throw new OstinatoError(
        'cannot-isolate',
        `Task "${taskRun.taskName}" has another source in ${file} than in the running program.`,
        {
          remedy:
            'Two tasks of one file need names of their own; if the file was edited meanwhile, start the program again.',
        },
      );
    }
    if (isSeveral(definition.alike)) throw severalAlike(definition);
    return definition;
  }
}

function flowScope(ports: EnginePorts, flow: SurroundingFlow | null, stepRegistry: StepRegistry): FlowScope | null {
  if (!flow) return null;
  const { run, parameters, root } = flow;
  const outermost = root.id === run.id ? null : new FlowScope(ports, definitionOf(root), root, {}, null);
  const scope = new FlowScope(ports, definitionOf(run), run, parameters, outermost);
  scope.stepRegistry = stepRegistry;
  return scope;
}

function definitionOf(run: FlowRun): FlowDefinition {
  return {
    fn: () => undefined,
    name: run.flowName,
    version: run.flowVersion ?? '',
    alike: ALONE,
    streams: false,
    file: '',
    options: {},
    retryDelays: [],
    validate: null,
  };
}

/** Reports failures that the flow's own report does not include. */
function tellUnseenFailures(scope: TaskScope): void {
  const { count, names } = scope.flow?.unobservedFailures() ?? { count: 0, names: [] };
  if (count === 0) return;
  scope.log(
    LOG_LEVELS.error,
    `${count} ${count === 1 ? 'run' : 'runs'} that this task started failed and nothing looked at the outcome: ${names.join(', ')}.`,
  );
}

/** The runs that a body has started and that have not ended. */
class Held {
  readonly #open = new Set<Promise<unknown>>();

  readonly hold = (work: Promise<unknown>): void => {
    const ended = work.catch(() => undefined).finally(() => this.#open.delete(ended));
    this.#open.add(ended);
  };

  async whenIdle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }
}
