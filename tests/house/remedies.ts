/** Every error of ours says what to do next, or its code stands here with the reason why nothing is to be added. */
import { Visitor } from 'oxc-parser';

import type { ErrorCode } from '../../src/core/errors.ts';
import type { Source } from './source.ts';

/** Codes whose message is all that there is to say. */
export const WITHOUT_REMEDY: Partial<Readonly<Record<ErrorCode, string>>> = {
  'bad-input': 'The message says which value it is and what it has to be: sending that is the remedy.',
  'bad-request': "The message says which part of the document cannot be, in the words of Prefect's API.",
  'not-found': 'The message names what is not there; only the caller knows what was meant.',
  conflict: 'The message says how things stand; whether that is well already only the caller knows.',
  forbidden: 'What belongs to the product is changed by nobody.',
  'run-failed': 'It passes on how a run ended: what to do about it stands with the failure, in its state and cause.',
  'run-cancelled': 'Somebody wanted it so.',
  'transition-aborted': 'It passes on the reason of whoever decided.',
  'lease-lost': 'Another process goes on with the run: this one has nothing left to do.',
  invariant: 'A defect of ours: the message is for whoever mends it.',
};

export interface RemedyReport {
  /** How many errors were looked at. */
  readonly seen: number;
  readonly missing: readonly string[];
  /** Codes that were seen without a remedy. */
  readonly bare: readonly string[];
}

export function findBareErrors({ path, text, program, lineAt }: Source): RemedyReport {
  const missing: string[] = [];
  const bare: string[] = [];
  let seen = 0;
  new Visitor({
    NewExpression({ callee, arguments: [code, , options], start }) {
      if (callee.type !== 'Identifier' || callee.name !== 'OstinatoError' || code === undefined) return;
      seen += 1;
      // What is handed on as a whole has its remedy where it was made.
      if (options !== undefined && options.type !== 'ObjectExpression') return;
      const hasRemedy = options?.properties.some(
        (property) =>
          property.type === 'SpreadElement' || (property.key.type === 'Identifier' && property.key.name === 'remedy'),
      );
      if (hasRemedy === true) return;
      const name = code.type === 'Literal' ? String(code.value) : text.slice(code.start, code.end);
      bare.push(name);
      if (!Object.hasOwn(WITHOUT_REMEDY, name))
        missing.push(`${path}:${lineAt(start)} throws ${name} without a remedy.`);
    },
  }).visit(program);
  return { seen, missing, bare };
}
