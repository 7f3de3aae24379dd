/** JSON as a tree that folds. Numbers are shown as they were written. */
import { WrittenNumber } from '../../api/lossless-json.ts';

import './json-tree.css';

/** More than these are told as a number. */
const ITEMS_SHOWN = 100;
/** Open at first. */
const DEPTH_OPEN = 2;
/** What is deeper is shown as text: a page has an end. */
const DEPTH_MAX = 40;

export function JsonTree({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    <div className="json-tree" role="group" aria-label={label}>
      <Node name={null} value={value} depth={0} />
    </div>
  );
}

interface NodeProps {
  /** `null`: it is the outermost. */
  readonly name: string | null;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  const entries = entriesOf(value);
  if (entries === null || entries.length === 0 || depth >= DEPTH_MAX)
    return (
      <div className="json-leaf">
        <Key name={name} />
        <Leaf value={value} isDeep={entries !== null && entries.length > 0} />
      </div>
    );
  const inside = <Inside entries={entries} depth={depth} />;
  if (name === null) return inside;
  return (
    <details open={depth < DEPTH_OPEN}>
      <summary>
        <Key name={name} />
        <span className="muted">{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {inside}
    </details>
  );
}

function Inside({ entries, depth }: { readonly entries: readonly Entry[]; readonly depth: number }) {
  return (
    <div className="json-inside">
      {entries.slice(0, ITEMS_SHOWN).map(([key, item]) => (
        <Node key={key} name={key} value={item} depth={depth + 1} />
      ))}
      {entries.length > ITEMS_SHOWN && <p className="muted">{entries.length - ITEMS_SHOWN} more</p>}
    </div>
  );
}

type Entry = readonly [key: string, item: unknown];

/** `null` of what has no parts. */
function entriesOf(value: unknown): readonly Entry[] | null {
  if (typeof value !== 'object' || value === null || value instanceof WrittenNumber) return null;
  return Object.entries(value);
}

function Key({ name }: { readonly name: string | null }) {
  return name === null ? null : (
    <>
      <bdi className="json-key">{name}</bdi>
      <span className="muted">: </span>
    </>
  );
}

function Leaf({ value, isDeep }: { readonly value: unknown; readonly isDeep: boolean }) {
  if (isDeep) return <span className="muted">…</span>;
  if (typeof value === 'string') return <bdi className="json-text">{value === '' ? '“”' : value}</bdi>;
  if (value instanceof WrittenNumber) return <span className="json-number">{value.source}</span>;
  if (typeof value === 'number') return <span className="json-number">{String(value)}</span>;
  if (typeof value === 'object' && value !== null)
    return <span className="muted">{Array.isArray(value) ? '[]' : '{}'}</span>;
  return <span className="json-word">{String(value)}</span>;
}
