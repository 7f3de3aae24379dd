/** An automation as YAML, as its form and the command line take it. */
import type { Automation } from '../../api/automations.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { writeYaml } from './automation-text.ts';
import { plainRule } from './plain-rule.ts';

export function RuleText({ automation }: { readonly automation: Automation }) {
  const text = writeYaml(plainRule(automation));
  return (
    <div className="json-view">
      <CopyButton text={text} label="Copy the YAML" />
      <pre tabIndex={0} aria-label="The automation as YAML">
        <code>{text}</code>
      </pre>
    </div>
  );
}
