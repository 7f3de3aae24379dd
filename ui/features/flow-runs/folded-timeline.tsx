/** The timeline of a run with more inside than a page can hold: the server folds it, and groups are opened in pages. */
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { groupPageQuery, type GroupPlace, type Inside } from '../../api/inside.ts';
import { countOf } from '../../components/format.ts';
import { firstPlace, sumOf } from '../states/group-format.ts';
import { foldedRows, MORE, type LoadedPage } from '../../graph/folded.ts';
import type { TimelineNode } from '../../graph/nodes.ts';
import { TimelineView } from '../../graph/timeline.tsx';

interface FoldedTimelineProps {
  readonly flowRunId: string;
  readonly inside: Inside;
  readonly started: string | null;
  readonly ended: string | null;
  readonly selectedId: string | null;
  readonly onSelect: (node: TimelineNode | null) => void;
}

/** Of the open groups, where each of their pages begins. */
type OpenGroups = ReadonlyMap<string, readonly GroupPlace[]>;

export function FoldedTimeline({ flowRunId, inside, started, ended, selectedId, onSelect }: FoldedTimelineProps) {
  const [open, setOpen] = useState<OpenGroups>(new Map());
  const asked = [...open].flatMap(([key, places]) => places.map((from) => ({ key, from })));
  const pages = useQueries({
    queries: asked.map(({ key, from }) => groupPageQuery(flowRunId, key, from)),
    combine: (results) => results.map(({ data }) => data),
  });
  const pagesOf = new Map<string, LoadedPage[]>([...open.keys()].map((key) => [key, []]));
  asked.forEach(({ key }, at) => pagesOf.get(key)?.push(pages[at]));
  const rows = foldedRows(inside.groups, pagesOf);
  const counts = useMemo(() => sumOf(inside.groups), [inside.groups]);
  const toggle = (id: string): void => {
    const next = new Map(open);
    if (id.endsWith(MORE)) {
      const key = id.slice(0, -MORE.length);
      const last = pagesOf.get(key)?.at(-1);
      if (last !== undefined && last.next !== null) next.set(key, [...(open.get(key) ?? []), last.next]);
    } else if (!next.delete(id)) {
      const group = inside.groups.find(({ key }) => key === id);
      if (group !== undefined) next.set(id, [firstPlace(group)]);
    }
    setOpen(next);
  };
  return (
    <TimelineView
      rows={rows}
      counts={counts}
      count={inside.task_run_count}
      started={started}
      ended={ended}
      selectedId={selectedId}
      onSelect={onSelect}
      onToggle={toggle}
      note={
        <span className="timeline-folded">
          Folded into {countOf(inside.groups.length, 'group')}: open one to see its runs, failed ones first.
        </span>
      }
    />
  );
}
