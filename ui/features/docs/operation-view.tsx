import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { Operation } from './operations.ts';
import { schemaTree, type Components } from './schema-tree.ts';
import { RequiredMark, SchemaView, Words } from './schema-view.tsx';

interface OperationViewProps {
  readonly operation: Operation;
  readonly components: Components;
  /** The address names it: it is opened. */
  readonly isNamed: boolean;
}

export function OperationView({ operation, components, isNamed }: OperationViewProps) {
  const { id, method, path, says } = operation;
  const [isOpen, setOpen] = useState(isNamed);
  const [wasNamed, setWasNamed] = useState(isNamed);
  if (wasNamed !== isNamed) {
    setWasNamed(isNamed);
    if (isNamed) setOpen(true);
  }
  return (
    <details
      className="operation"
      id={id}
      data-named={isNamed}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary data-row="">
        <span className="method" data-method={method}>
          {method}
        </span>
        <code className="operation-path">{path}</code>
        <span className="operation-says">{says.summary}</span>
        <Icon name="down" />
      </summary>
      {isOpen && <OperationBody operation={operation} components={components} />}
    </details>
  );
}

function OperationBody({ operation: { id, path, says }, components }: Omit<OperationViewProps, 'isNamed'>) {
  const { parameters = [], requestBody, responses = {} } = says;
  return (
    <div className="operation-body">
      <p className="operation-tools muted">
        <Link to="/docs" hash={id} search={(old) => old} resetScroll={false}>
          <Icon name="link" /> Link to {id}
        </Link>
        <CopyButton text={path} label="Copy the path" />
      </p>
      {says.description !== undefined && <p>{says.description}</p>}
      {parameters.length > 0 && (
        <>
          <h3>Parameters</h3>
          <ul className="schema">
            {parameters.map(({ name, in: where, required, schema = true }) => (
              <li key={`${where} ${name}`} className="schema-leaf">
                <code className="schema-name">{name}</code> <span className="schema-rule">{where}</span>
                {required === true && <RequiredMark />} <Words tree={schemaTree(schema, components)} />
              </li>
            ))}
          </ul>
        </>
      )}
      {requestBody !== undefined && (
        <>
          <h3>Body{requestBody.required === true && <RequiredMark />}</h3>
          <Content content={requestBody.content} components={components} />
        </>
      )}
      <h3>Answers</h3>
      {Object.entries(responses).map(([status, { description, content }]) => (
        <details
          key={status}
          className="answer"
          open={status.startsWith('2')}
          onToggle={(event) => event.stopPropagation()}
        >
          <summary>
            <Icon name="chevron" size={12} />
            <strong data-good={status.startsWith('2')}>{status}</strong> {description}
          </summary>
          {content === undefined ? (
            <p className="muted">No body.</p>
          ) : (
            <Content content={content} components={components} />
          )}
        </details>
      ))}
    </div>
  );
}

function Content({
  content = {},
  components,
}: {
  readonly content?: NonNullable<Operation['says']['requestBody']>['content'];
  readonly components: Components;
}) {
  return Object.entries(content).map(([media, { schema = true }]) => (
    <div key={media}>
      {media !== 'application/json' && <p className="muted">{media}</p>}
      <SchemaView tree={schemaTree(schema, components)} />
    </div>
  ));
}
