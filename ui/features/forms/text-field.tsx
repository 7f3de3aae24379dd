/** One field of text of a form, with what is wrong with it. */
import { useId } from 'react';

import './schema-form.css';

interface TextFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly isNumber?: boolean;
  readonly value: string;
  readonly problem?: string | null;
  readonly onValue: (value: string) => void;
}

export function TextField({ label, hint = '', isNumber = false, value, problem = null, onValue }: TextFieldProps) {
  const id = useId();
  return (
    <div className="form-field" data-wrong={problem !== null}>
      <label htmlFor={id}>
        {label} {hint !== '' && <span className="muted field-hint">{hint}</span>}
      </label>
      <input
        id={id}
        type="text"
        inputMode={isNumber ? 'numeric' : 'text'}
        autoComplete="off"
        spellCheck={false}
        value={value}
        title={value === '' ? undefined : value}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}says`}
        onChange={(event) => onValue(event.target.value)}
      />
      {problem !== null && (
        <p id={`${id}says`} className="field-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Whether it is a whole number of at least `least`, of nine digits at most. */
export function isWhole(text: string, least: number): boolean {
  return /^\d{1,9}$/.test(text.trim()) && Number(text) >= least;
}
