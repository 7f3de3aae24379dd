/** The automations that acted because of a run. */
import { Link } from '@tanstack/react-router';

import type { RunHead } from '../../api/flow-runs.ts';
import { Icon } from '../../components/icon.tsx';
import { TimeAgo } from '../../components/times.tsx';

export function ActedAutomations({ automations = [] }: Pick<RunHead, 'automations'>) {
  if (automations.length === 0) return null;
  return (
    <ul className="run-facts acted" aria-label="Automations that acted because of it">
      {automations.map(({ id, name, at }) => (
        <li key={`${id} ${at}`}>
          <Icon name="bolt" size={14} /> set off{' '}
          <Link to="/automations/automation/$id" params={{ id }}>
            <bdi>{name === '' ? id : name}</bdi>
          </Link>{' '}
          <TimeAgo at={at} />
        </li>
      ))}
    </ul>
  );
}
