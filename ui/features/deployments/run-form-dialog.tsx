/** Starts a run: with the form that the schema of the parameters makes, filled with what the deployment sets. */
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { runDeployment, type Deployment, type RunFormAnswer } from '../../api/deployments.ts';
import { printJson } from '../../api/lossless-json.ts';
import { Dialog } from '../../components/dialog.tsx';
import { DateTime } from '../../components/times.tsx';
import type { Problem } from '../forms/field-draft.ts';
import { elsewhere, InputFields, inputOf, untyped, type Typed } from '../forms/form-input.tsx';
import { fieldOf, type Field } from '../forms/schema-field.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';
import { useChange } from '../live/change.ts';
import { withPresets } from './parameter-presets.ts';

interface RunFormProps {
  readonly deployment: Deployment;
  readonly onClose: () => void;
}

interface Asked {
  readonly parameters: string;
  readonly at: string | null;
}

export function RunFormDialog({ deployment, onClose }: RunFormProps) {
  const { id, name, parameters, parameter_openapi_schema: schema } = deployment;
  const [field] = useState(() => fieldOf(withPresets(schema, parameters)));
  const [typed, setTyped] = useState<Typed>(() => firstTyped(field, parameters));
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [runName, setRunName] = useState('');
  const [at, setAt] = useState('');
  const [formId] = useState(() => crypto.randomUUID());
  const change = useChange(
    'deployments',
    ({ parameters: given, at: when }: Asked) =>
      runDeployment(id, { formId, parameters: given, name: runName.trim(), at: when }),
    (answer) => setProblems(answer.problems),
  );
  const form = useRef<HTMLFormElement>(null);
  // What is wrong may lie out of sight.
  useEffect(() => {
    if (problems.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (change.isPending) return;
    const input = inputOf(field, typed);
    setProblems(input.ok ? [] : input.problems);
    if (input.ok) change.mutate({ parameters: input.json, at: at === '' ? null : new Date(at).toISOString() });
  };
  const made = change.data?.flow_run;
  if (made !== null && made !== undefined) return <Made made={made} at={at} onClose={onClose} />;
  return (
    <Dialog title={`Run ${name}`} onClose={onClose}>
      <form ref={form} onSubmit={submit} noValidate>
        {field.kind === 'object' || typed.json !== '{}' || schema === null ? (
          <InputFields label="Parameters as JSON" field={field} typed={typed} problems={problems} onTyped={setTyped} />
        ) : (
          <p className="muted">The flow takes no parameters.</p>
        )}
        <div className="run-form-more">
          <div className="form-field">
            <label htmlFor="run-name">
              Name of the run <span className="muted field-hint">optional</span>
            </label>
            <input
              id="run-name"
              type="text"
              value={runName}
              maxLength={500}
              autoComplete="off"
              onChange={(event) => setRunName(event.target.value)}
            />
          </div>
          <div className="form-field">
            <label htmlFor="run-at">
              When <span className="muted field-hint">now, if left empty; in your time zone</span>
            </label>
            <input
              id="run-at"
              type="datetime-local"
              step={1}
              value={at}
              onChange={(event) => setAt(event.target.value)}
            />
          </div>
        </div>
        <DialogProblem error={elsewhere(field, typed, problems) ?? refusalOf(change.data, problems)} />
        <DialogProblem error={change.error} />
        <DialogActions onClose={onClose} leave="Close">
          <button type="submit" className="button primary" disabled={change.isPending}>
            {at === '' ? 'Run it' : 'Plan the run'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Without fields, what the deployment sets is there as JSON. */
function firstTyped(field: Field, parameters: Deployment['parameters']): Typed {
  const typed = untyped(field);
  return typed.json === null ? typed : { ...typed, json: printJson(parameters) };
}

function refusalOf(answer: RunFormAnswer | undefined, problems: readonly Problem[]): string | null {
  return problems.length > 0 ? null : (answer?.refused ?? null);
}

function Made({
  made: { id, name },
  at,
  onClose,
}: {
  readonly made: { readonly id: string; readonly name: string };
  readonly at: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={at === '' ? 'The run waits for a worker' : 'The run is planned'} onClose={onClose}>
      <p role="status">
        <strong>{name}</strong>{' '}
        {at === '' ? (
          'begins as soon as somebody takes it.'
        ) : (
          <>
            begins <DateTime at={new Date(at).toISOString()} />.
          </>
        )}
      </p>
      <DialogActions onClose={onClose} leave="Stay here">
        <Link to="/runs/flow-run/$id" params={{ id }} className="button primary">
          Go to the run
        </Link>
      </DialogActions>
    </Dialog>
  );
}
