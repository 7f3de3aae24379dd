/** The form of an automation, and the same rule as text. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { automationChoicesQuery, saveAutomation } from '../../api/automations.ts';
import { ApiError } from '../../api/http.ts';
import { printJson } from '../../api/lossless-json.ts';
import { Tabs } from '../../components/tabs.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { TextField } from '../forms/text-field.tsx';
import { useChange } from '../live/change.ts';
import { ActionsEditor } from './action-editor.tsx';
import { RuleProblems } from './rule-problem-list.tsx';
import { otherProblems, problemsOf, ruleProblems, type RuleProblem } from './rule-problems.ts';
import { changed, FIRST_TRIGGER, isJson, partsOf, textOf, textsOf, type Rule } from './rule.ts';
import { TriggerEditor } from './trigger-editor.tsx';
import { TriggerPreview } from './trigger-preview.tsx';

const BackTest = lazyPage(null, async () => (await import('./back-test.tsx')).BackTest, { isQuiet: true });
const RuleTextField = lazyPage(null, async () => (await import('./rule-text-field.tsx')).RuleTextField);

interface RuleFormProps {
  readonly first: Rule;
  /** `null`: a new one. */
  readonly id: string | null;
}

export function RuleForm({ first, id }: RuleFormProps) {
  const navigate = useNavigate();
  const [rule, setRule] = useState(first);
  const [view, setView] = useState<'form' | 'text'>('form');
  const [isText, setText] = useState(true);
  const form = useRef<HTMLFormElement>(null);
  const change = useChange(
    'automations',
    (json: string) => saveAutomation(id, json),
    (saved) => void navigate({ to: '/automations/automation/$id', params: { id: saved } }),
  );
  const problems = ruleProblems(change.error instanceof ApiError ? change.error.details : null);
  // What is wrong may lie out of sight.
  useEffect(() => {
    if (problems.length > 0) form.current?.querySelector('.field-problem')?.scrollIntoView({ block: 'center' });
    // oxlint-disable-next-line react/exhaustive-deps
  }, [change.error]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!change.isPending && isText) change.mutate(printJson(rule));
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="rule-form">
      <Tabs<'form' | 'text'>
        label="How it is written"
        tabs={[
          { id: 'form', label: 'Form' },
          { id: 'text', label: 'YAML' },
        ]}
        selected={view}
        onSelect={(next) => {
          // A text that cannot be read stays in sight until it can.
          if (isText) setView(next);
        }}
      >
        {view === 'form' ? (
          <Fields rule={rule} problems={problems} onRule={setRule} />
        ) : (
          <RuleTextField
            rule={rule}
            onRule={(next) => {
              setText(next !== null);
              if (next !== null) setRule(next);
            }}
          />
        )}
      </Tabs>
      {view === 'text' && <RuleProblems problems={problems} />}
      {view === 'form' && <RuleProblems problems={otherProblems(problems, partsOf(rule['actions']).length)} />}
      {change.error !== null && problems.length === 0 && (
        <p className="form-error" role="alert">
          {change.error.message}
        </p>
      )}
      <BackTest rule={rule} isWhole={isText} />
      <div className="rule-actions">
        <Link
          to={id === null ? '/automations' : '/automations/automation/$id'}
          params={{ id: id ?? '' }}
          className="button"
        >
          Cancel
        </Link>
        <button type="submit" className="button primary" disabled={change.isPending || !isText}>
          {id === null ? 'Make the automation' : 'Save'}
        </button>
      </div>
    </form>
  );
}

interface FieldsProps {
  readonly rule: Rule;
  readonly problems: readonly RuleProblem[];
  readonly onRule: (rule: Rule) => void;
}

function Fields({ rule, problems, onRule }: FieldsProps) {
  const { data: choices = [] } = useQuery(automationChoicesQuery());
  const trigger = isJson(rule['trigger']) ? rule['trigger'] : FIRST_TRIGGER;
  const change = (said: Readonly<Record<string, unknown>>): void => onRule(changed(rule, said));
  const [named] = problemsOf(problems, 'name');
  const further = ['actions_on_trigger', 'actions_on_resolve'].filter((key) => partsOf(rule[key]).length > 0);
  return (
    <>
      <section className="card rule-part" aria-label="What it is called">
        <TextField
          label="Name"
          value={textOf(rule['name'])}
          problem={named?.reason ?? null}
          onValue={(name) => change({ name })}
        />
        <div className="rule-pair">
          <TextField
            label="Description"
            hint="optional"
            value={textOf(rule['description'])}
            onValue={(description) => change({ description })}
          />
          <TagsField tags={textsOf(rule['tags'])} onTags={(tags) => change({ tags })} />
        </div>
      </section>
      <section className="card rule-part">
        <h2>Waits for</h2>
        <TriggerEditor trigger={trigger} onTrigger={(next) => change({ trigger: next })} />
        <RuleProblems problems={problemsOf(problems, 'trigger')} />
        <TriggerPreview trigger={trigger} />
      </section>
      <section className="card rule-part">
        <h2>Then</h2>
        <ActionsEditor
          actions={partsOf(rule['actions'])}
          choices={choices}
          problems={problems}
          onActions={(actions) => change({ actions })}
        />
        <RuleProblems problems={problemsOf(problems, 'actions')} />
        {further.length > 0 && (
          <p className="muted field-note">Its {further.join(' and ')} are kept; they are changed as YAML.</p>
        )}
      </section>
    </>
  );
}

/** Parted by commas. */
function TagsField({
  tags,
  onTags,
}: {
  readonly tags: readonly string[];
  readonly onTags: (tags: readonly string[]) => void;
}) {
  const [text, setText] = useState(tags.join(', '));
  return (
    <TextField
      label="Tags"
      hint="parted by commas"
      value={text}
      onValue={(typed) => {
        setText(typed);
        onTags([...new Set(typed.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== ''));
      }}
    />
  );
}
