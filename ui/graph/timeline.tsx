/**
 * The inside of a run over time: a row for each run in it, drawn on a canvas that shows only what can be seen.
 *
 * For who does not see a canvas, the selected row is spoken, and the page's table of task runs says the same in full.
 */
import {
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';

import { useNow } from '../components/clock.ts';
import { countOf, formatCount } from '../components/format.ts';
import { parseInstant } from '../components/instant.ts';
import { Icon } from '../components/icon.tsx';
import { useWidth } from '../components/size.ts';
import { useIsDark } from '../components/theme.ts';
import { StateShape } from '../features/states/state-badge.tsx';
import { lookById, STACK_ORDER, type LookCounts } from '../features/states/state-look.ts';
import { drawTimeline } from './draw.ts';
import { extentOf, type TimelineNode } from './nodes.ts';
import { readPalette, type Palette } from './palette.ts';
import { usePointer } from './pointer.ts';
import { edgesBetween, layoutRows, spanOf, type TimelineRow } from './rows.ts';
import { fitView, panView, timeAt, zoomView, type View } from './scale.ts';
import { AXIS_HEIGHT, ROW_HEIGHT, type Scene } from './scene.ts';
import { wordsOf } from './messages.ts';

import './timeline.css';

interface TimelineProps {
  readonly nodes: readonly TimelineNode[];
  readonly started: string | null;
  readonly ended: string | null;
  readonly selectedId: string | null;
  readonly onSelect: (node: TimelineNode | null) => void;
}

const HEIGHT_MAX = 520;
const HEIGHT_MIN = 110;
const ZOOM_STEP = 1.6;

/** All runs are known: they are folded here. */
export function Timeline({ nodes, started, ended, selectedId, onSelect }: TimelineProps) {
  const [openGroups, setOpenGroups] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => layoutRows(nodes, openGroups), [nodes, openGroups]);
  const counts = useMemo(
    () => Object.fromEntries([...Map.groupBy(nodes, ({ look }) => look)].map(([look, alike]) => [look, alike.length])),
    [nodes],
  );
  return (
    <TimelineView
      rows={rows}
      counts={counts}
      count={nodes.length}
      started={started}
      ended={ended}
      selectedId={selectedId}
      onSelect={onSelect}
      onToggle={(id) => setOpenGroups(toggled(openGroups, id))}
    />
  );
}

interface TimelineViewProps extends Omit<TimelineProps, 'nodes'> {
  readonly rows: readonly TimelineRow[];
  /** Of all that is inside, by look. */
  readonly counts: LookCounts;
  readonly count: number;
  /** Stands before the tools; says for instance that the rows are folded. */
  readonly note?: ReactNode;
  /** Of a group that is opened or closed, or of a row that asks for more. */
  readonly onToggle: (id: string) => void;
}

export function TimelineView({
  rows,
  counts,
  count,
  started,
  ended,
  selectedId,
  note,
  onSelect,
  onToggle,
}: TimelineViewProps) {
  const [picked, setPicked] = useState<string | null>(null);
  const [ownView, setView] = useState<View | null>(null);
  const isGrowing = ended === null;
  const clock = useNow(isGrowing ? 100 : null);
  // What a run left behind without an end, such as tasks that never became ready, grows no further than the run.
  const now = ended === null ? clock : parseInstant(ended);

  const edges = useMemo(() => edgesBetween(rows), [rows]);
  const extent = extentOf(
    rows.flatMap((row) => spanOf(row) ?? []),
    { start_time: started, end_time: ended },
    now,
  );
  const view = ownView ?? fitView(extent);

  const selectedRow = rowAt(rows, selectedId ?? picked);
  const zoom = (factor: number, around = (view.start + view.end) / 2): void =>
    setView(zoomView(view, factor, around, extent));
  const pan = (share: number): void => setView(panView(view, share, extent));
  const choose = (row: TimelineRow | undefined, isOpening: boolean): void => {
    setPicked(row?.id ?? null);
    if (!isOpening) return;
    if (row === undefined || row.kind === 'run') onSelect(row?.node ?? null);
    else onToggle(row.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    const at =
      step === undefined ? null : Math.min(rows.length - 1, Math.max(0, selectedRow === null ? 0 : selectedRow + step));
    if (at !== null) choose(rows[at], selectedId !== null && rows[at]?.kind === 'run');
    else if (event.key === 'Enter' && selectedRow !== null) choose(rows[selectedRow], true);
    else if (event.key === '+' || event.key === '=') zoom(1 / ZOOM_STEP);
    else if (event.key === '-') zoom(ZOOM_STEP);
    else if (event.key === '0') setView(null);
    else if (event.key === 'ArrowLeft') pan(-0.15);
    else if (event.key === 'ArrowRight') pan(0.15);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="timeline">
      <div className="timeline-tools">
        <StateSummary counts={counts} count={count} />
        {note}
        <span className="timeline-keys muted">Drag to pan, Ctrl + wheel to zoom</span>
        <button
          type="button"
          className="icon-button"
          onClick={() => zoom(1 / ZOOM_STEP)}
          aria-label="Zoom in"
          title="Zoom in (+)"
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          className="icon-button"
          onClick={() => zoom(ZOOM_STEP)}
          aria-label="Zoom out"
          title="Zoom out (-)"
        >
          <Icon name="minus" />
        </button>
        <button
          type="button"
          className="icon-button"
          onClick={() => setView(null)}
          aria-label="Show all"
          title="Show all (0)"
          disabled={ownView === null}
        >
          <Icon name="fit" />
        </button>
      </div>
      <TimelineCanvas
        scene={{ rows, edges, view, origin: extent.start, now, isGrowing, selectedRow }}
        onKeyDown={onKeyDown}
        onChoose={(row) => choose(row, true)}
        onZoom={zoom}
        onPan={pan}
      />
      <p className="visually-hidden" aria-live="polite">
        {selectedRow === null ? '' : wordsOf(rows[selectedRow], now)}
      </p>
    </div>
  );
}

/** How what is inside went, in words and shapes: the legend of the bars. */
function StateSummary({ counts, count }: { readonly counts: LookCounts; readonly count: number }) {
  return (
    <span className="timeline-summary">
      <strong>{countOf(count, 'run')} inside</strong>
      {STACK_ORDER.toReversed()
        .filter((id) => counts[id] !== undefined)
        .map(lookById)
        .map(({ id, type, label }) => (
          <span key={id}>
            <StateShape type={type} name={id.split('/')[1]} size={13} /> {formatCount(counts[id] ?? 0)}{' '}
            {label.toLowerCase()}
          </span>
        ))}
    </span>
  );
}

function rowAt(rows: readonly TimelineRow[], id: string | null): number | null {
  const at =
    id === null
      ? -1
      : rows.findIndex(
          (row) => row.id === id || (row.kind === 'group' && !row.isOpen && row.nodes.some((node) => node.id === id)),
        );
  return at === -1 ? null : at;
}

function toggled(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

interface CanvasProps {
  readonly scene: Pick<Scene, 'rows' | 'edges' | 'view' | 'origin' | 'now' | 'isGrowing' | 'selectedRow'>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onChoose: (row: TimelineRow | undefined) => void;
  readonly onZoom: (factor: number, around: number) => void;
  readonly onPan: (share: number) => void;
}

function TimelineCanvas({ scene, onKeyDown, onChoose, onZoom, onPan }: CanvasProps) {
  const { selectedRow } = scene;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(scroller);
  const palette = usePalette(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const left = Math.round(Math.min(260, Math.max(104, width * 0.3)));
  const content = scene.rows.length * ROW_HEIGHT + AXIS_HEIGHT + 6;
  const height = Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, content));
  const pointer = usePointer(scroller, {
    rowAt: (y) => (y < AXIS_HEIGHT ? null : Math.floor((y - AXIS_HEIGHT + scrollTop) / ROW_HEIGHT)),
    onZoom: (factor, x) => onZoom(factor, timeAt(Math.max(left, x), scene.view, left, width - left)),
    onPan: (pixels) => onPan(pixels / (width - left)),
    onClick: (row) => onChoose(scene.rows[row]),
  });
  const hovered = pointer.hover === null ? undefined : scene.rows[pointer.hover.row];

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || palette === null || width === 0) return;
    const ratio = devicePixelRatio;
    context.canvas.width = Math.round(width * ratio);
    context.canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(context, {
      ...scene,
      width,
      height,
      scrollTop,
      left,
      hoveredRow: pointer.hover?.row ?? null,
      palette,
    });
  });

  useEffect(() => {
    if (selectedRow === null || scroller.current === null) return;
    const top = selectedRow * ROW_HEIGHT;
    const shown = height - AXIS_HEIGHT - ROW_HEIGHT;
    if (top < scroller.current.scrollTop) scroller.current.scrollTop = top;
    else if (top > scroller.current.scrollTop + shown) scroller.current.scrollTop = top - shown;
  }, [selectedRow, height]);

  return (
    <div className="timeline-frame">
      <div
        ref={scroller}
        className="timeline-scroller"
        style={{ height }}
        tabIndex={0}
        role="application"
        aria-roledescription="timeline"
        aria-label={`Timeline of ${countOf(scene.rows.length, 'row')}. Arrow keys move, Enter opens, plus and minus zoom. The tab Task runs has the same as a table.`}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        {...pointer.handlers}
      >
        <div style={{ height: content }}>
          <canvas ref={canvas} style={{ width, height }} />
        </div>
      </div>
      {hovered !== undefined && pointer.hover !== null && (
        <div
          className="timeline-tip"
          style={{ left: Math.min(pointer.hover.x + 12, Math.max(0, width - 260)), top: pointer.hover.y + 16 }}
        >
          {wordsOf(hovered, scene.now)}
        </div>
      )}
    </div>
  );
}

function usePalette(ref: React.RefObject<HTMLElement | null>): Palette | null {
  const isDark = useIsDark();
  const [palette, setPalette] = useState<Palette | null>(null);
  const read = useEffectEvent(() => setPalette(ref.current && readPalette(ref.current)));
  useLayoutEffect(() => read(), [isDark]);
  return palette;
}
