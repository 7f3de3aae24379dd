/** A field of several lines that stand for a value: what is typed stays as it is typed. */
import { useId, useState } from 'react';

import '../forms/schema-form.css';

interface LinesFieldProps<Value> {
  readonly label: string;
  readonly hint?: string;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly value: Value;
  readonly print: (value: Value) => string;
  readonly read: (text: string) => Value;
  readonly onValue: (value: Value) => void;
}

export function LinesField<Value>(props: LinesFieldProps<Value>) {
  const { label, hint = '', rows = 2, placeholder, value, print, read, onValue } = props;
  const id = useId();
  const [text, setText] = useState(() => print(value));
  // It was changed by other means: by a button, or as text.
  const shown = JSON.stringify(read(text)) === JSON.stringify(read(print(value))) ? text : print(value);
  return (
    <div className="form-field">
      <label htmlFor={id}>
        {label} {hint !== '' && <span className="muted field-hint">{hint}</span>}
      </label>
      <textarea
        id={id}
        rows={Math.max(rows, Math.min(12, shown.split('\n').length))}
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        value={shown}
        onChange={(event) => {
          setText(event.target.value);
          onValue(read(event.target.value));
        }}
      />
    </div>
  );
}

/** One text a line. */
export function readLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function printLines(texts: readonly string[]): string {
  return texts.join('\n');
}
