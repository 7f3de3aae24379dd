/** What the use cases are given: everything that is not a rule comes from outside. */

import type { IdSource, ProcessId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Clock } from '../core/time.ts';
import type { Storage } from '../store/port.ts';
import type { ActionPorts } from './automation-actions/ports.ts';
import type { BlockKeeping } from './blocks/ports.ts';

export interface Liveness {
  readonly alive: boolean;
  /** How that is known, as a sentence: host, pid, last heartbeat, and what the operating system says. */
  readonly evidence: string;
}

export interface OrchestratorPorts {
  readonly storage: Storage;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  /** Encrypts what is secret in blocks; absent where nobody keeps blocks (an embedded store). */
  readonly blockKeeping?: BlockKeeping | undefined;
  /** Draws 0 ≤ x < 1. */
  readonly random: () => number;
  /** Looks at the process where that can be done, else at its heartbeat. */
  readonly liveness: (process: ProcessRecord) => Liveness;
  /**
   * Brings what a dead process had promised but not yet stored (its journal) into the store. Called before anything is
   * said about its runs: a finished step must not be marked Crashed.
   */
  readonly recoverProcess?: ((id: ProcessId) => MaybePromise<void>) | undefined;
  /** Hears of a deferred task run once it waits to be run: somebody hands it to a task worker. */
  readonly onTaskScheduled?: ((run: TaskRun) => void) | undefined;
  /** Settles the input of a paused run; absent where nobody gives any (an embedded store). */
  readonly runInputs?: RunInputs | undefined;
  /** Looks at schemas and templates of users; absent where nobody asks for that (an embedded store). */
  readonly userTexts?: UserTexts | undefined;
  /** What acting for automations needs; absent where nobody does (an embedded store). */
  readonly actions?: ActionPorts | undefined;
}

/** All of it is somebody else's: it is read where it can do no harm. */
export interface RunInputJob {
  /** JSON with exact numbers; values in it may say how they come about. */
  readonly input: string;
  /** JSON texts by name, as far as the input may ask for them. */
  readonly variables: Readonly<Record<string, string>>;
  /** JSON; `null`: the run left none behind. */
  readonly schema: string | null;
}

/** The input as the JSON that is kept, or why it does not fit: a sentence. */
export type SettledInput =
  | { readonly ok: true; readonly text: string }
  /** `problems`: one by one, where the input does not fit its schema. */
  | { readonly ok: false; readonly reason: string; readonly problems?: readonly InputProblem[] };

export interface InputProblem {
  /** Names and indices from the outermost value to the one that is wrong. */
  readonly path: readonly string[];
  readonly reason: string;
}

export interface RunInputs {
  /** @throws `server-unavailable` when there are too many to settle */
  settle(job: RunInputJob): MaybePromise<SettledInput>;
}

/** Values of a form, and the schema that they should fit. */
export interface FormJob {
  readonly schema: string;
  readonly values: string;
  /** JSON texts by name, as far as the values may ask for them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A sentence about the value itself, or what is wrong in a member of it. */
export type FormProblem =
  | string
  | { readonly property: string; readonly errors: readonly FormProblem[] }
  | { readonly index: number; readonly errors: readonly FormProblem[] };

/** What is wrong with the values; or why they cannot be looked at: a sentence. */
export type CheckedForm =
  | { readonly ok: true; readonly problems: readonly FormProblem[] }
  | { readonly ok: false; readonly reason: string };

export interface TemplateProblem {
  /** From 1; 0: the template as a whole. */
  readonly line: number;
  readonly message: string;
}

/** Parameters of a deployment, or of a run of one. */
export interface ParametersJob {
  /** JSON with exact numbers; values in it may say how they come about. */
  readonly values: string;
  /** JSON texts by name, as far as the values may ask for them. */
  readonly variables: Readonly<Record<string, string>>;
  /** JSON; `null`: whatever comes about fits. */
  readonly schema: string | null;
  /** Whether what the schema requires may be missing. */
  readonly isPartial: boolean;
  /** Whether the schema is taken to the letter. Absent: what is not required may also be `null`. */
  readonly isLiteral?: boolean;
  /** What templates in the values may name. Absent: nothing. */
  readonly context?: TemplateContext | undefined;
}

export interface TemplateContext {
  /** A JSON object of values by name, with exact numbers. */
  readonly values: string;
  /** Where the server's pages are; `null`: nobody knows. */
  readonly pages: string | null;
}

/** The texts in their order; or why one of them cannot be rendered: a sentence. */
export type RenderedTemplates =
  | { readonly ok: true; readonly texts: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly template: string };

/** What is given for the job of a run, and the schema of the pool's template. */
export interface JobVariablesJob {
  readonly schema: string;
  /** JSON object. */
  readonly defaults: string;
  /** JSON object: over the defaults. */
  readonly values: string;
  /** Whether what the schema requires has to be there. */
  readonly isComplete: boolean;
  /** Else a default that does not fit is left out, and nothing is required. */
  readonly areDefaultsChecked: boolean;
}

/** The values as JSON; or why they cannot come about, or do not fit: a sentence. */
export type SettledParameters =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly isSchemaWrong: boolean };

export interface UserTexts {
  /** @throws `server-unavailable` when there are too many to settle */
  settleParameters(job: ParametersJob): MaybePromise<SettledParameters>;
  /** Why the variables of a job do not fit: a sentence; `null`: they fit. @throws `server-unavailable`, as above */
  checkJobVariables(job: JobVariablesJob): MaybePromise<string | null>;
  /** @throws `server-unavailable` when there are too many to check */
  checkForm(job: FormJob): MaybePromise<CheckedForm>;
  /** `null`: it is a template. @throws `server-unavailable` when there are too many to check */
  checkTemplate(template: string): MaybePromise<TemplateProblem | null>;
  /** @throws `server-unavailable`, as above */
  renderTemplates(templates: readonly string[], context: TemplateContext): MaybePromise<RenderedTemplates>;
}
