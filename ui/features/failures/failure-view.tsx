/** What a run failed by, and what that was caused by, each with its stack. */
import type { State } from '../../api/states.ts';
import { cleanText } from './clean-text.ts';
import { Traceback } from './traceback.tsx';

export type Failure = NonNullable<NonNullable<State['failure']>>;

/** A cause of a cause of a cause: more are not read. */
const CAUSES_MAX = 10;

export function FailureView({ failure }: { readonly failure: Failure }) {
  return chainOf(failure).map((one, at) => (
    <div key={at}>
      {at > 0 && <p className="muted">Caused by</p>}
      <Traceback text={textOf(one)} label={`the stack of ${cleanText(one.name)}`} />
      {remedyOf(one) !== null && (
        <p>
          <strong>Remedy:</strong> {cleanText(remedyOf(one) ?? '')}
        </p>
      )}
    </div>
  ));
}

export function chainOf(failure: Failure): readonly Failure[] {
  const chain: Failure[] = [];
  // A server of another version may leave it out.
  for (let at: Failure | null | undefined = failure; at && chain.length < CAUSES_MAX; at = at.cause) chain.push(at);
  return chain;
}

/** A stack begins with the words of its error, as engines write it; one that does not gets them. */
function textOf({ name, message, stack }: Failure): string {
  const words = `${name}: ${message}`;
  if (stack === null || stack === '') return words;
  return stack.includes(message) ? stack : `${words}\n${stack}`;
}

/** What an error of ours says to do. */
function remedyOf({ fields }: Failure): string | null {
  const remedy =
    typeof fields === 'object' && fields !== null ? (fields as Readonly<Record<string, unknown>>)['remedy'] : undefined;
  return typeof remedy === 'string' && remedy !== '' ? remedy : null;
}
