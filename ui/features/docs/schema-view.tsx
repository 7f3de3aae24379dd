import { useState } from 'react';

import { Icon } from '../../components/icon.tsx';
import type { Branch, SchemaTree } from './schema-tree.ts';

/** A schema, opened one level at a time. */
export function SchemaView({ tree }: { readonly tree: SchemaTree }) {
  return (
    <div className="schema">
      <p className="schema-head">
        <Words tree={tree} />
      </p>
      {tree.inside !== null && <Branches branches={tree.inside()} />}
    </div>
  );
}

function Branches({ branches }: { readonly branches: readonly Branch[] }) {
  return (
    <ul>
      {branches.map((branch) => (
        <li key={`${branch.kind} ${branch.name}`}>
          <BranchView branch={branch} />
        </li>
      ))}
    </ul>
  );
}

function BranchView({ branch: { name, kind, isRequired, tree } }: { readonly branch: Branch }) {
  const says = (
    <>
      <code className="schema-name" data-kind={kind}>
        {name}
      </code>
      {kind === 'member' && isRequired && <RequiredMark />} <Words tree={tree} />
    </>
  );
  if (tree.inside === null) return <div className="schema-leaf">{says}</div>;
  return <Fold summary={says} inside={tree.inside} />;
}

/** What is inside is made when it is opened first: some schemas have no end. */
function Fold({ summary, inside }: { readonly summary: React.ReactNode; readonly inside: () => readonly Branch[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      open={isOpen}
      onToggle={(event) => {
        event.stopPropagation();
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <Icon name="chevron" size={12} />
        {summary}
      </summary>
      {isOpen && <Branches branches={inside()} />}
    </details>
  );
}

export function RequiredMark() {
  return <span className="required">required</span>;
}

/** Type, rules, default and description in one line. */
export function Words({ tree: { type, rules, defaultValue, about } }: { readonly tree: SchemaTree }) {
  return (
    <>
      <span className="schema-type">{type}</span>
      {[...rules, ...(defaultValue === null ? [] : [`default ${defaultValue}`])].map((rule) => (
        <span key={rule} className="schema-rule">
          {rule}
        </span>
      ))}
      {about !== null && <span className="schema-about">{about}</span>}
    </>
  );
}
