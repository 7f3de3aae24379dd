/**
 * Processes inputs of paused runs, and schemas and templates that people wrote, in a child process with limits.
 */

import type {
  CheckedForm,
  RenderedTemplates,
  RunInputs,
  RunInputJob,
  SettledInput,
  SettledParameters,
  TemplateProblem,
  UserTexts,
} from '../orchestrator/ports.ts';
import { GUEST_HEAP_MB, GuestProcess, type GuestLimits } from '../platform/guest-process.ts';
import { createIsolateHost } from '../platform/isolates.ts';
import type { GuestAnswer, GuestJob } from './guest-jobs.ts';

export interface GuardedRunInputs extends RunInputs, UserTexts {
  settle(job: RunInputJob): Promise<SettledInput>;
  close(): Promise<void>;
}

export function guardedRunInputs(limits?: GuestLimits): GuardedRunInputs {
  const host = createIsolateHost(new URL('./guest-entry.ts', import.meta.url), {
    flags: [`--max-old-space-size=${GUEST_HEAP_MB}`, '--max-semi-space-size=4'],
    isSilent: true,
  });
  const guest = new GuestProcess<GuestJob, GuestAnswer>(host, limits);
  return {
    async settle(job) {
      const outcome = await guest.run({ kind: 'run-input', job });
      return outcome.ok
        ? (outcome.answer as SettledInput)
        : { ok: false, reason: `Run input cannot be checked: ${outcome.why}.` };
    },
    async settleParameters(job) {
      const outcome = await guest.run({ kind: 'parameters', job });
      return outcome.ok
        ? (outcome.answer as SettledParameters)
        : { ok: false, reason: `Parameters cannot be checked: ${outcome.why}.`, isSchemaWrong: false };
    },
    async checkJobVariables(job) {
      const outcome = await guest.run({ kind: 'job-variables', job });
      return outcome.ok ? (outcome.answer as string | null) : `They cannot be checked: ${outcome.why}.`;
    },
    async checkForm(job) {
      const outcome = await guest.run({ kind: 'form', job });
      return outcome.ok
        ? (outcome.answer as CheckedForm)
        : { ok: false, reason: `Invalid schema: it cannot be checked: ${outcome.why}.` };
    },
    async checkTemplate(template) {
      const outcome = await guest.run({ kind: 'template', template });
      return outcome.ok
        ? (outcome.answer as TemplateProblem | null)
        : { line: 0, message: `The template cannot be checked: ${outcome.why}.` };
    },
    async renderTemplates(templates, context) {
      const outcome = await guest.run({ kind: 'render', templates, context });
      return outcome.ok
        ? (outcome.answer as RenderedTemplates)
        : { ok: false, reason: `it cannot be rendered: ${outcome.why}`, template: templates[0] ?? '' };
    },
    close: () => guest.close(),
  };
}
