import { instantOrNull } from './instant.ts';
import type * as wire from '../schema/explanation.ts';
import type { Explanation } from '../../core/why.ts';

export function encodeExplanation(explanation: Explanation, run: Pick<wire.Explanation, 'run_id' | 'kind' | 'name'>): wire.Explanation {
  const { headline, because, next } = explanation;
  return { ...run, headline, because: because.map(({ fact, when }) => ({ fact, when: instantOrNull(when) })), next };
}
