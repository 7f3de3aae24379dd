/** Makes an automation, or changes one: as a form and as YAML, both of one rule. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { automationPageQuery } from '../../api/automations.ts';
import { eventQuery } from '../../api/event-feed.ts';
import { ApiError } from '../../api/http.ts';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';
import { useTitle } from '../../components/title.ts';
import { NotLoaded } from '../places/not-loaded.tsx';
import { useSearchValues } from '../places/search-state.ts';
import type { NewAutomationSearch } from './automation-search.ts';
import { plainRule } from './plain-rule.ts';
import { RuleForm } from './rule-form.tsx';
import { copyOf, NO_RULE, ruleOfEvent, TEMPLATES } from './rule-templates.ts';
import { Templates } from './templates.tsx';

import '../run-actions/run-actions.css';
import './automations.css';
import './rule-form.css';

export function NewAutomationPage() {
  const [{ template, event, from }] = useSearchValues<NewAutomationSearch>(['template', 'event', 'from']);
  useTitle('New automation');
  return (
    <>
      <Crumbs />
      <h1>New automation</h1>
      {event !== undefined ? (
        <OfEvent key={event} id={event} />
      ) : from !== undefined ? (
        <OfCopy key={from} id={from} />
      ) : (
        <>
          {template === undefined && <Templates />}
          <RuleForm
            key={template ?? ''}
            first={template === undefined ? NO_RULE : TEMPLATES[template].rule}
            id={null}
          />
        </>
      )}
    </>
  );
}

export function EditAutomationPage({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(automationPageQuery(id));
  const name = data?.automation.name;
  useTitle(name === undefined ? 'Automation' : `Edit ${name}`);
  if (error !== null && data === undefined)
    return <NotLoaded noun="automation" id={id} list="/automations" error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading the automation" />;
  return (
    <>
      <Crumbs />
      <h1 className="rule-title">
        Edit <bdi>{name}</bdi>
      </h1>
      <RuleForm first={plainRule(data.automation)} id={id} />
    </>
  );
}

function Crumbs() {
  return (
    <p className="crumbs muted">
      <Link to="/automations">Automations</Link>
    </p>
  );
}

function OfEvent({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(eventQuery(id));
  if (data !== undefined) return <RuleForm first={ruleOfEvent(data)} id={null} />;
  if (error !== null) return <Unread error={error} onRetry={() => void refetch()} />;
  return <Skeleton lines={8} label="Loading the event" />;
}

function OfCopy({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(automationPageQuery(id));
  if (data !== undefined) return <RuleForm first={copyOf(plainRule(data.automation))} id={null} />;
  if (error !== null) return <Unread error={error} onRetry={() => void refetch()} />;
  return <Skeleton lines={8} label="Loading the automation" />;
}

/** What it was to be made of is not there: then it begins with nothing. */
function Unread({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) return <ErrorNote error={error} onRetry={onRetry} />;
  return (
    <>
      <p className="hindrance">What it was to be made of is not here any more. It begins with nothing.</p>
      <RuleForm first={NO_RULE} id={null} />
    </>
  );
}
