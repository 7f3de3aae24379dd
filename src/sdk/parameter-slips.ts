/** What is wrong with parameters that are said ahead of a run: in a deployment, in a schedule. */

import { didYouMean } from '../core/nearest-word.ts';
import type { Flow } from './flow.ts';
import { parameterNames } from './parameters.ts';
import { typedParameters } from './typed-parameters.ts';

export interface ParameterSlip {
  /** Where in the parameters. */
  readonly steps: readonly (string | number)[];
  readonly message: string;
  readonly advice: string;
}

type CheckedFlow = Pick<Flow<unknown, unknown>, 'parameterSchema' | 'parameterNames' | 'definition'>;
type Given = Readonly<Record<string, unknown>>;

/**
 * What is given is checked as the flow will check it; what is missing may come with each run.
 * @param below what it stands over: of the deployment, for a schedule's own
 */
export async function parameterSlips(
  flow: CheckedFlow,
  given: Given,
  below: Given = {},
): Promise<readonly ParameterSlip[]> {
  const known = parameterNames(flow.parameterSchema) ?? flow.parameterNames;
  const strangers = known === null ? [] : Object.keys(given).filter((name) => !known.includes(name));
  if (strangers.length > 0 && known !== null)
    return strangers.map((name) => ({
      steps: [name],
      message: `The flow has no parameter "${name}".${didYouMean(name, known)}`,
      advice: known.length === 0 ? 'It takes none.' : `It has: ${known.join(', ')}.`,
    }));
  const { validate } = flow.definition;
  if (validate === null) return [];
  const checked = await validate(typedValues(flow, { ...below, ...given }));
  if (checked.ok) return [];
  return checked.problems.flatMap(({ field, rule }) => {
    const steps = stepsOf(field);
    if (!Object.hasOwn(given, String(steps[0]))) return [];
    return [
      {
        steps,
        message: `The parameter ${field} does not fit: ${rule}`,
        advice: `\`ostinato run FILE --help\` says what the flow takes.`,
      },
    ];
  });
}

/** Dates and long numbers are what the flow takes for them. */
function typedValues(flow: CheckedFlow, values: Given): unknown {
  const whole = { text: JSON.stringify(values), source: 'parameters' };
  return typedParameters({ named: new Map(), whole }, flow.parameterSchema, null);
}

/** `customers[3].email` */
function stepsOf(field: string): readonly (string | number)[] {
  return [...field.matchAll(/[^.[\]]+/g)].map(([part]) => (/^\d+$/.test(part) ? Number(part) : part));
}
