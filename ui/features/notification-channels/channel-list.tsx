/** The channels by which automations notify, each with what became of what was sent. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import {
  channelsPageQuery,
  deleteChannel,
  testChannel,
  type NotificationChannel,
  type NotificationTest,
} from '../../api/notification-channels.ts';
import { countOf } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { Receipt } from '../automations/receipt.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DeletionDialog } from '../run-actions/deletion-dialog.tsx';
import { useLiveChannels } from './live-channels.ts';

import '../automations/automations.css';
import '../recent-runs/run-section.css';
import './notification-channels.css';

const NewChannelDialog = lazyPage(null, async () => (await import('./new-channel-dialog.tsx')).NewChannelDialog, {
  isQuiet: true,
});

export function ChannelList() {
  const { data, error, refetch } = useQuery(channelsPageQuery());
  const [isNew, setNew] = useState(false);
  useLiveChannels(data?.as_of);
  const add = (
    <button type="button" className="button primary" aria-haspopup="dialog" onClick={() => setNew(true)}>
      <Icon name="plus" size={14} /> New channel
    </button>
  );
  return (
    <>
      <p className="crumbs muted">
        <Link to="/automations">Automations</Link>
      </p>
      <header className="page-head">
        <h1>Notification channels</h1>
        {data !== undefined && data.channels.length > 0 && add}
      </header>
      <section className="card" aria-label="Notification channels">
        {error !== null && data === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Skeleton lines={6} label="Loading channels" />}
        {data?.channels.length === 0 && (
          <EmptyNote icon="bolt" title="No channel yet">
            <p className="muted">
              A channel is a block that can notify: a chat, a webhook of your own. Automations name it in their actions.
            </p>
            <div className="note-actions">{add}</div>
          </EmptyNote>
        )}
        {data !== undefined && data.channels.length > 0 && (
          <>
            <header className="list-head">
              <h2>{countOf(data.channels.length, 'channel')}</h2>
            </header>
            <ul className="channels">
              {data.channels.map((channel) => (
                <Channel key={channel.id} channel={channel} />
              ))}
            </ul>
          </>
        )}
      </section>
      {isNew && <NewChannelDialog onClose={() => setNew(false)} />}
    </>
  );
}

function Channel({ channel }: { readonly channel: NotificationChannel }) {
  const { id, name, type, updated, receipts } = channel;
  const [isAsked, setAsked] = useState(false);
  const test = useChange('notification-channels', () => testChannel(id));
  return (
    <li className="channel">
      <div className="channel-head">
        <div className="channel-name">
          <strong title={name} dir="auto">
            {name}
          </strong>
          <span className="muted">
            {type ?? 'of a type that is gone'} · changed <TimeAgo at={updated} />
          </span>
        </div>
        <div className="channel-actions">
          <button
            type="button"
            className="button"
            disabled={test.isPending}
            aria-label={`Test the channel ${name}`}
            onClick={() => test.mutate()}
          >
            <Icon name="play" size={14} /> {test.isPending ? 'Sending' : 'Test'}
          </button>
          <button
            type="button"
            className="button"
            aria-haspopup="dialog"
            aria-label={`Delete the channel ${name}`}
            onClick={() => setAsked(true)}
          >
            <Icon name="bin" size={14} /> Delete
          </button>
        </div>
      </div>
      {test.data !== undefined && !test.isPending && <Tested {...test.data} />}
      {test.error !== null && (
        <p role="alert" className="channel-tested" data-outcome="refused">
          {test.error.message}
        </p>
      )}
      {receipts.length === 0 ? (
        <p className="muted channel-none">Nothing was sent by it within the last week.</p>
      ) : (
        <ul className="receipts" aria-label={`What was sent by ${name}`}>
          {receipts.map(({ automation_name: automation, receipt }) => (
            <Receipt key={receipt.id} receipt={receipt}>
              <Link to="/automations/automation/$id" params={{ id: receipt.automation_id }}>
                <bdi>{automation}</bdi>
              </Link>{' '}
              <span className="muted">
                <TimeAgo at={receipt.ended ?? receipt.created} />
              </span>
            </Receipt>
          ))}
        </ul>
      )}
      {isAsked && <DeleteDialog id={id} name={name} onClose={() => setAsked(false)} />}
    </li>
  );
}

const OUTCOMES = {
  accepted: 'The test message was accepted.',
  partial: 'The test message was accepted for some.',
  refused: 'The test message was refused.',
  delayed: 'The test message was put off.',
} as const satisfies Record<NotificationTest['outcome'], string>;

/** What the service said to a message that was sent on trial. */
function Tested({ outcome, receipt }: NotificationTest) {
  return (
    <p role="status" className="channel-tested" data-outcome={outcome}>
      <strong>{OUTCOMES[outcome]}</strong> <span dir="auto">{receipt}</span>
    </p>
  );
}

interface DeleteProps {
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}

function DeleteDialog({ id, name, onClose }: DeleteProps) {
  const change = useChange('notification-channels', () => goneWhenGone(deleteChannel(id)), onClose);
  return (
    <DeletionDialog title={`Delete ${name}?`} what="channel" change={change} onClose={onClose}>
      Automations that notify by it are refused from then on, and say so in their receipts.
    </DeletionDialog>
  );
}
