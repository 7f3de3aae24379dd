import type { ReactNode } from 'react';

import type { DeploymentPageData } from '../../api/deployments.ts';
import { printJson } from '../../api/lossless-json.ts';
import { JsonView } from '../../components/json-view.tsx';
import { DateTime } from '../../components/times.tsx';

export function DeploymentDetails({ page: { deployment, pool } }: { readonly page: DeploymentPageData }) {
  const { global_concurrency_limit: limit, concurrency_options: options } = deployment;
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    ['Id', <code key="id">{deployment.id}</code>],
    ['Flow id', <code key="flow">{deployment.flow_id}</code>],
    ['Version', deployment.version],
    ['Entrypoint', deployment.entrypoint],
    ['Path', deployment.path],
    ['Work pool', pool?.name],
    ['Work queue', pool?.queue_name ?? deployment.work_queue_name],
    ['Runs at once', limit === null ? 'any number' : `${limit.limit} at most`],
    ['Without a slot', options && withoutSlot(options)],
    ['Concurrency key', options?.key],
    ['After a crash', ON_CRASH[deployment.on_crash ?? 'leave']],
    ['Last asked for', <DateTime key="polled" at={deployment.last_polled} />],
    ['Created', <DateTime key="created" at={deployment.created} />],
    ['Created by', deployment.created_by?.display_value],
    ['Changed', <DateTime key="updated" at={deployment.updated} />],
    ['Changed by', deployment.updated_by?.display_value],
    ['Tags', deployment.tags.length === 0 ? null : deployment.tags.join(', ')],
  ];
  return (
    <>
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
      {Object.keys(deployment.job_variables).length > 0 && (
        <>
          <h2 className="section-title">Job variables</h2>
          <JsonView text={printJson(deployment.job_variables)} label="the job variables" />
        </>
      )}
      {deployment.pull_steps !== null && deployment.pull_steps.length > 0 && (
        <>
          <h2 className="section-title">How a worker gets the code</h2>
          <JsonView text={printJson(deployment.pull_steps)} label="the pull steps" />
        </>
      )}
    </>
  );
}

const ON_CRASH = {
  leave: 'the run stays Crashed',
  resume: 'the run goes on where it stood',
  retry: 'another run begins anew',
} as const;

type Options = NonNullable<DeploymentPageData['deployment']['concurrency_options']>;

function withoutSlot({ cancels_old: cancelsOld, collision_strategy: strategy }: Options): string {
  if (cancelsOld === true) return 'the oldest run that holds one is cancelled';
  return strategy === 'ENQUEUE' ? 'a run waits' : 'a run is cancelled';
}
