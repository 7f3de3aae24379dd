/** The rule as YAML that is written: what can be read of it is the rule. */
import { useState } from 'react';

import { readYaml, writeYaml } from './automation-text.ts';
import { isJson, type Rule } from './rule.ts';

import '../forms/schema-form.css';

interface RuleTextFieldProps {
  readonly rule: Rule;
  /** `null`: it cannot be read. */
  readonly onRule: (rule: Rule | null) => void;
}

const ROWS_MAX = 40;

export function RuleTextField({ rule, onRule }: RuleTextFieldProps) {
  const [text, setText] = useState(() => writeYaml(rule));
  const [problem, setProblem] = useState<string | null>(null);
  const take = (typed: string): void => {
    setText(typed);
    const read = readYaml(typed);
    const found = read.ok ? (isJson(read.value) ? null : 'This is no automation: it has no name.') : read.problem;
    setProblem(found);
    onRule(read.ok && isJson(read.value) ? read.value : null);
  };
  return (
    <div className="form-field" data-wrong={problem !== null}>
      <label htmlFor="rule-text">The automation as YAML</label>
      <textarea
        id="rule-text"
        className="form-json"
        rows={Math.min(ROWS_MAX, Math.max(16, text.split('\n').length + 1))}
        spellCheck={false}
        autoComplete="off"
        value={text}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : 'rule-text-says'}
        onChange={(event) => take(event.target.value)}
      />
      {problem !== null && (
        <p id="rule-text-says" className="field-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
