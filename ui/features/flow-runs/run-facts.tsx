/** Parts of the page of a run that are not seen at first: what it was called with, and what else is recorded of it. */
import type { ReactNode } from 'react';

import type { FlowRun } from '../../api/flow-runs.ts';
import { printJson } from '../../api/lossless-json.ts';
import { JsonView } from '../../components/json-view.tsx';
import { EmptyNote } from '../../components/notes.tsx';
import { DateTime } from '../../components/times.tsx';

export function Parameters({ run }: { readonly run: FlowRun }) {
  if (Object.keys(run.parameters).length === 0)
    return (
      <EmptyNote title="No parameter">
        <p className="muted">The flow was called without any.</p>
      </EmptyNote>
    );
  return <JsonView text={printJson(run.parameters)} label="the parameters" />;
}

export function RunDetails({
  run,
  flowDescription,
}: {
  readonly run: FlowRun;
  readonly flowDescription: string | null | undefined;
}) {
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    ['Id', <code key="id">{run.id}</code>],
    ['Flow id', <code key="flow">{run.flow_id}</code>],
    ['Flow description', flowDescription],
    ['Created', <DateTime key="created" at={run.created} />],
    ['Expected start', <DateTime key="expected" at={run.expected_start_time} />],
    ['Started', <DateTime key="started" at={run.start_time} />],
    ['Ended', <DateTime key="ended" at={run.end_time} />],
    ['Attempts', run.run_count],
    ['Retries', run.empirical_policy.retries ?? 0],
    ['Flow version', run.flow_version],
    ['Durability', run.durability],
    ['Work pool', run.work_pool_name],
    ['Work queue', run.work_queue_name],
    ['Process', run.infrastructure_pid],
    ['Idempotency key', run.idempotency_key],
    ['Tags', run.tags.length === 0 ? null : run.tags.join(', ')],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
