/** An automation: what it waits for and does, each firing with what became of it, and its text. */
import { useQuery } from '@tanstack/react-query';

import { automationPageQuery, type AutomationPageData } from '../../api/automations.ts';
import { ApiError } from '../../api/http.ts';
import { Skeleton } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { DateTime } from '../../components/times.tsx';
import { useTitle } from '../../components/title.ts';
import { lazyPage } from '../connection/lazy-page.tsx';
import { NotLoaded } from '../places/not-loaded.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { AutomationHeader } from './automation-header.tsx';
import type { AutomationSearch, AutomationView } from './automation-search.ts';
import { FiringList } from './firing-list.tsx';
import { useLiveAutomations } from './live-automations.ts';

import '../recent-runs/run-section.css';
import './automations.css';

const RuleText = lazyPage(null, async () => (await import('./rule-text.tsx')).RuleText);

export function AutomationPage({ id }: { readonly id: string }) {
  const [{ view = 'firings' }, change] = useSearchValues<AutomationSearch>(['view']);
  const { data, error, refetch } = useQuery(automationPageQuery(id));
  useTitle(data?.automation.name ?? (error === null ? 'Automation' : 'No such automation'));
  useLiveAutomations(data?.as_of);
  const isGone = error instanceof ApiError && error.status === 404;
  if (error !== null && (data === undefined || isGone))
    return <NotLoaded noun="automation" id={id} list="/automations" error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading the automation" />;
  const tabs = [
    { id: 'firings', label: 'Firings', count: data.firing_count },
    { id: 'rule', label: 'YAML' },
    { id: 'details', label: 'Details' },
  ] as const;
  return (
    <>
      <AutomationHeader page={data} />
      <Tabs<AutomationView>
        label="Parts of the automation"
        tabs={tabs}
        selected={view}
        onSelect={(next) => change({ view: next === 'firings' ? undefined : next })}
      >
        {view === 'firings' && <FiringList page={data} />}
        {view === 'rule' && <RuleText automation={data.automation} />}
        {view === 'details' && <Details automation={data.automation} />}
      </Tabs>
    </>
  );
}

function Details({ automation }: Pick<AutomationPageData, 'automation'>) {
  const { id, created, updated, tags, description } = automation;
  return (
    <dl className="facts">
      <div>
        <dt>Id</dt>
        <dd>
          <code>{id}</code>
        </dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>
          <DateTime at={created} />
        </dd>
      </div>
      <div>
        <dt>Changed</dt>
        <dd>
          <DateTime at={updated} />
        </dd>
      </div>
      {tags.length > 0 && (
        <div>
          <dt>Tags</dt>
          <dd>{tags.join(', ')}</dd>
        </div>
      )}
      {description !== '' && (
        <div>
          <dt>Description</dt>
          <dd>{description}</dd>
        </div>
      )}
    </dl>
  );
}
