import { useSyncExternalStore } from 'react';

import { onConnectionChange, serverAwaySince } from '../../api/connection.ts';
import { probeNow } from '../../api/probe.ts';
import { useNow } from '../../components/clock.ts';
import { formatAgo, formatDateTime } from '../../components/format.ts';

import './away-banner.css';

/** With the server away, what is shown grows old: says since when. */
export function AwayBanner() {
  const since = useSyncExternalStore(onConnectionChange, serverAwaySince);
  return since === null ? null : <Away since={since} />;
}

function Away({ since }: { readonly since: number }) {
  const now = useNow(1000);
  return (
    <div className="away-banner" role="alert">
      <p>
        <strong>
          The server has not answered since{' '}
          <time dateTime={new Date(since).toISOString()}>{formatDateTime(since)}</time>
        </strong>{' '}
        <span aria-live="off">({formatAgo(since, now)}).</span> What is shown may be older than that. The page goes on
        by itself when the server is back.
      </p>
      <button type="button" className="button" onClick={probeNow}>
        Try now
      </button>
    </div>
  );
}
