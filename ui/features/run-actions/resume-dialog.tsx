/**
 * Lets a paused run go on: with the form that it asks to be filled in, or without. What was typed stays until it is
 * sent.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { resumeFlowRun, resumeFormQuery, type ResumeForm } from '../../api/run-actions.ts';
import { Dialog } from '../../components/dialog.tsx';
import { DateTime } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import type { Problem } from '../forms/field-draft.ts';
import { elsewhere, InputFields, inputOf, untyped, type Typed } from '../forms/form-input.tsx';
import { fieldOf } from '../forms/schema-field.ts';
import { DialogActions, DialogProblem, MovedOn, Outlook } from './dialog-parts.tsx';
import type { RunDialogProps } from './run-dialog.tsx';
import { useRunChange, useSeen } from './seen-state.ts';

const Markdown = lazyPage(null, async () => (await import('../../components/markdown.tsx')).default);

export function ResumeDialog({ run, onClose }: RunDialogProps) {
  const [stateId] = useState(run.state?.id ?? null);
  const form = useQuery(resumeFormQuery(run.id, stateId));
  const timeout = run.state?.state_details?.pause_timeout;
  return (
    <Dialog title={`Resume ${run.name}?`} onClose={onClose}>
      {timeout !== null && timeout !== undefined && (
        <p className="muted">
          It waits until <DateTime at={timeout} />.
        </p>
      )}
      <Outlook query={form}>{(it) => <ResumeBody form={it} run={run} onClose={onClose} />}</Outlook>
    </Dialog>
  );
}

/** By the state that asked: a dialog that was closed and opened again goes on where it was. */
const kept = new Map<string, Typed>();

function ResumeBody({ form, run, onClose }: RunDialogProps & { readonly form: ResumeForm }) {
  const seen = useSeen(run);
  const [field] = useState(() => fieldOf(form.schema));
  const [typed, setTyped] = useState<Typed>(() => kept.get(seen.stateId) ?? untyped(field));
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const type = (next: Typed): void => {
    if (seen.stateId !== '') kept.set(seen.stateId, next);
    setTyped(next);
  };
  const change = useRunChange(
    (input: string | null) => resumeFlowRun(run.id, seen.stateId, input),
    (answer) => {
      setProblems(answer.problems);
      if (answer.refused !== null) return;
      kept.delete(seen.stateId);
      onClose();
    },
  );
  const element = useRef<HTMLFormElement>(null);
  // What is wrong may lie out of sight.
  useEffect(() => {
    if (problems.length > 0) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (change.isPending || !seen.canAct) return;
    const input = form.asks ? inputOf(field, typed) : null;
    setProblems(input?.ok === false ? input.problems : []);
    if (input === null || input.ok) change.mutate(input?.json ?? null);
  };
  return (
    <form ref={element} onSubmit={submit} noValidate>
      {form.description !== null && form.description !== '' && <Markdown text={form.description} />}
      {form.asks ? (
        <>
          {form.schema === null && (
            <p className="form-error">It left no schema of what it asks for: the server will refuse any input.</p>
          )}
          <InputFields label="Input as JSON" field={field} typed={typed} problems={problems} onTyped={type} />
        </>
      ) : (
        <p>It goes on from where it was paused.</p>
      )}
      <DialogProblem
        error={elsewhere(field, typed, problems) ?? (problems.length === 0 ? (change.data?.refused ?? null) : null)}
      />
      <MovedOn run={run} seen={seen} />
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose}>
        <button type="submit" className="button primary" disabled={change.isPending || !seen.canAct}>
          Resume the run
        </button>
      </DialogActions>
    </form>
  );
}
