import { OBSERVED_STATES_MAX, READ_OBSERVED_STATES } from '../contract/routes/observed-states.ts';
import { formatInstant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { ok, operation, type Operation } from './operation.ts';

type ObservedState = Awaited<ReturnType<UseCases['observedStates']>>[number];

export function observedStateOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(READ_OBSERVED_STATES, async ({ query }) => {
      const prefix = (query.query ?? '').trim().toLowerCase();
      const fits = ({ type, name }: ObservedState): boolean =>
        type.toLowerCase().startsWith(prefix) || name.toLowerCase().startsWith(prefix);
      const found = (await useCases.observedStates())
        .filter(fits)
        .sort(query.order_by === 'NAME_ASC' ? byName : byLastSeen);
      return ok(
        found
          .slice(0, query.limit ?? OBSERVED_STATES_MAX)
          .map(({ type, name, firstSeen, lastSeen }) => ({
            state_type: type,
            state_name: name,
            first_seen: formatInstant(firstSeen),
            last_seen: formatInstant(lastSeen),
          })),
      );
    }),
  ];
}

function byName(left: ObservedState, right: ObservedState): number {
  const [one, other] = left.type === right.type ? [left.name, right.name] : [left.type, right.type];
  return one < other ? -1 : one > other ? 1 : 0;
}

function byLastSeen(left: ObservedState, right: ObservedState): number {
  return right.lastSeen - left.lastSeen || byName(left, right);
}
