/** The newest firings of an automation: because of what, and what became of each action. */
import { Link } from '@tanstack/react-router';

import type { AutomationPageData, Firing } from '../../api/automations.ts';
import { countOf } from '../../components/format.ts';
import { EmptyNote } from '../../components/notes.tsx';
import { DateTime, TimeAgo } from '../../components/times.tsx';
import { ResourceLink } from '../events/resource-link.tsx';
import { Receipt } from './receipt.tsx';

export function FiringList({ page }: { readonly page: AutomationPageData }) {
  const { firings, firing_count: count, automation, actions } = page;
  if (firings.length === 0)
    return (
      <EmptyNote icon="bolt" title="It has not fired yet">
        <p className="muted">
          {automation.enabled
            ? 'Each firing appears here, with what it was about and what became of its actions.'
            : 'It is off: whatever happens meanwhile does not count.'}
        </p>
      </EmptyNote>
    );
  return (
    <section className="card" aria-label="Firings">
      <header className="list-head">
        <h2>{countOf(count, 'firing')}</h2>
        <span className="muted">the newest first</span>
      </header>
      <ol className="firings">
        {firings.map((firing) => (
          <OneFiring key={firing.id} firing={firing} words={actions.map(({ text }) => text)} />
        ))}
      </ol>
      {count > firings.length && <p className="list-rest muted">The newest {firings.length} are shown.</p>}
    </section>
  );
}

function OneFiring({ firing, words }: { readonly firing: Firing; readonly words: readonly string[] }) {
  const { at, state, event, labels, receipts } = firing;
  const counted = Object.entries(labels);
  return (
    <li className="firing">
      <div className="firing-head">
        <span className="firing-when">
          <strong>{state === 'Triggered' ? 'Fired' : 'Resolved'}</strong> <TimeAgo at={at} />
        </span>
        <span className="muted firing-time">
          <DateTime at={at} />
        </span>
      </div>
      <p className="firing-why">
        {event === null ? (
          <span className="muted">By the passing of time</span>
        ) : (
          <>
            <Link to="/events" search={{ event: event.id }} title="All that the event says">
              <code>{event.event}</code>
            </Link>{' '}
            <span className="muted">of</span> <ResourceLink id={event.resource_id} name={event.resource_name} />
          </>
        )}
      </p>
      {counted.length > 0 && (
        <p className="muted firing-labels">
          {counted.map(([label, value]) => (
            <span key={label}>
              {label}: <bdi>{value}</bdi>
            </span>
          ))}
        </p>
      )}
      {receipts.length === 0 ? (
        <p className="muted firing-none">No receipt: it ordered nothing, or that was more than a week ago.</p>
      ) : (
        <ul className="receipts" aria-label="What became of its actions">
          {receipts.map((receipt) => (
            <Receipt key={receipt.id} receipt={receipt} words={words[receipt.action_index]} />
          ))}
        </ul>
      )}
    </li>
  );
}
