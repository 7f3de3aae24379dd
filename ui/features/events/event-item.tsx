/** A row of the feed: what happened to what, and folded out, all that the event says. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';

import { eventQuery, type Event, type EventRow } from '../../api/event-feed.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { formatPreciseTime, isoTitle } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { JsonTree } from './json-tree.tsx';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';
import { TimeAgo } from '../../components/times.tsx';
import type { SearchChange } from '../places/search-state.ts';
import type { EventSearch } from './event-search.ts';
import { ResourceLink } from './resource-link.tsx';
import { resourceKind } from './resource-place.ts';

interface ItemProps {
  readonly row: EventRow;
  /** It is what the address names: folded out at first. */
  readonly isAlone: boolean;
  readonly onChange: SearchChange<EventSearch>;
}

export function EventItem({ row, isAlone, onChange }: ItemProps) {
  const [isOpen, setOpen] = useState(isAlone);
  const inside = useId();
  const { event, occurred, resource_id: resourceId, resource_name: resourceName } = row;
  return (
    <li className="event-item">
      <div className="event-row">
        <button
          type="button"
          className="event-name"
          data-row=""
          aria-expanded={isOpen}
          aria-controls={inside}
          title={event}
          onClick={() => setOpen(!isOpen)}
        >
          <span className="event-fold" data-open={isOpen}>
            <Icon name="chevron" size={14} />
          </span>
          <bdi>{event}</bdi>
        </button>
        <span className="event-resource">
          <span className="muted">{resourceKind(resourceId)}</span> <ResourceLink id={resourceId} name={resourceName} />
        </span>
        <span className="event-when muted">
          <TimeAgo at={occurred} />
        </span>
      </div>
      <div id={inside} hidden={!isOpen}>
        {isOpen && <Inside id={row.id} onChange={onChange} />}
      </div>
    </li>
  );
}

function Inside({ id, onChange }: { readonly id: string; readonly onChange: SearchChange<EventSearch> }) {
  const { data, error, refetch } = useQuery(eventQuery(id));
  if (error !== null && data === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} label="Loading the event" />;
  return <Details event={data} onChange={onChange} />;
}

function Details({ event, onChange }: { readonly event: Event; readonly onChange: SearchChange<EventSearch> }) {
  const { id, occurred, received, follows, resource, related, payload } = event;
  const resourceId = resource['prefect.resource.id'] ?? '';
  return (
    <div className="event-inside">
      <div className="event-actions">
        <button
          type="button"
          className="button"
          onClick={() => onChange({ resource: resourceId, name: undefined, event: undefined })}
          disabled={resourceId === '' || resourceId.length > 500}
        >
          <Icon name="search" size={14} /> All of this resource
        </button>
        <Link to="/events" search={{ event: id }} className="button">
          <Icon name="link" size={14} /> This event alone
        </Link>
        <Link to="/automations/create" search={{ event: id }} className="button">
          <Icon name="bolt" size={14} /> Make an automation of it
        </Link>
      </div>
      <dl className="facts">
        <Fact name="Occurred">
          <time dateTime={occurred} title={isoTitle(occurred)}>
            {formatPreciseTime(Date.parse(occurred))}
          </time>
        </Fact>
        <Fact name="Received">
          <time dateTime={received} title={isoTitle(received)}>
            {formatPreciseTime(Date.parse(received))}
          </time>
        </Fact>
        <Fact name="Id">
          <code>{id}</code> <CopyButton text={id} label="Copy the id of the event" />
        </Fact>
        {follows !== null && (
          <Fact name="Follows">
            <Link to="/events" search={{ event: follows }}>
              <code>{follows}</code>
            </Link>
          </Fact>
        )}
      </dl>
      <h3>Resource</h3>
      <Labels labels={resource} />
      {related.length > 0 && (
        <>
          <h3>Related</h3>
          <ul className="event-related">
            {related.map((labels, at) => (
              // The same resource may be related twice.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={at}>
                <Labels labels={labels} />
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>Payload</h3>
      {Object.keys(payload).length === 0 ? (
        <p className="muted">Nothing.</p>
      ) : (
        <JsonTree value={payload} label="The payload" />
      )}
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const SHOWN_FIRST: ReadonlySet<string> = new Set([
  'prefect.resource.id',
  'prefect.resource.name',
  'prefect.resource.role',
]);

/** What it is, with a link to its page; then what else is said of it. */
function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const id = labels['prefect.resource.id'] ?? '';
  const name = labels['prefect.resource.name'];
  const role = labels['prefect.resource.role'];
  const rest = Object.entries(labels).filter(([label]) => !SHOWN_FIRST.has(label));
  return (
    <div className="event-labels">
      <p>
        <span className="muted">{role ?? resourceKind(id)}</span> <ResourceLink id={id} name={name} />
        {name !== undefined && name !== '' && (
          <>
            {' '}
            <code className="muted">{id}</code>
          </>
        )}
      </p>
      {rest.length > 0 && (
        <dl>
          {rest.map(([label, value]) => (
            <div key={label}>
              <dt>
                <bdi>{label}</bdi>
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
