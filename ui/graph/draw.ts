/** Draws what of the timeline can be seen, on a canvas. The rows above and below cost nothing. */
import type { StateType } from '../api/states.ts';
import { formatDuration } from '../components/format.ts';
import { lookOf, STACK_ORDER } from '../features/states/state-look.ts';
import { isWaiting } from './nodes.ts';
import type { Palette } from './palette.ts';
import { concurrencyProfile } from './profile.ts';
import type { GroupRow, RowEdge, TimelineRow } from './rows.ts';
import { formatOffset, ticksOf, xOf, type View } from './scale.ts';

export const ROW_HEIGHT = 26;
export const AXIS_HEIGHT = 26;
const BAR_HEIGHT = 12;
/** Of a group, whose bar has a profile above it. */
const GROUP_BAR_HEIGHT = 6;
const PROFILE_ABOVE = 3;
const PROFILE_STEPS_MAX = 400;
/** A bar of no time is still something to point at. */
const BAR_WIDTH_MIN = 3;
const TICK_GAP = 84;
/** With more, single lines cannot be told apart, and only those of the selected row are drawn. */
const EDGES_MAX = 600;

export interface Scene {
  readonly rows: readonly TimelineRow[];
  readonly edges: readonly RowEdge[];
  readonly view: View;
  readonly origin: number;
  readonly now: number;
  /** Whether anything is under way: then a line stands at now. */
  readonly isGrowing: boolean;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  /** Width of the column of names. */
  readonly left: number;
  readonly selectedRow: number | null;
  readonly hoveredRow: number | null;
  readonly palette: Palette;
}

export function drawTimeline(context: CanvasRenderingContext2D, scene: Scene): void {
  const { width, height, rows, scrollTop } = scene;
  context.clearRect(0, 0, width, height);
  const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT));
  const last = Math.min(rows.length - 1, Math.floor((scrollTop + height - AXIS_HEIGHT) / ROW_HEIGHT));
  context.textBaseline = 'middle';
  drawBackgrounds(context, scene, first, last);
  context.save();
  context.beginPath();
  context.rect(scene.left, AXIS_HEIGHT, width - scene.left, height);
  context.clip();
  drawGuides(context, scene);
  drawEdges(context, scene, first, last);
  for (let at = first; at <= last; at += 1) drawBar(context, scene, at);
  drawPlayhead(context, scene);
  context.restore();
  for (let at = first; at <= last; at += 1) drawName(context, scene, at);
  drawAxis(context, scene);
}

function middleOf(row: number, { scrollTop }: Scene): number {
  return AXIS_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2 - scrollTop;
}

function barX(time: number, { view, left, width }: Scene): number {
  return xOf(time, view, left, width - left);
}

function drawBackgrounds(context: CanvasRenderingContext2D, scene: Scene, first: number, last: number): void {
  const { palette, width } = scene;
  for (const [row, colour] of [[scene.hoveredRow, palette.hover], [scene.selectedRow, palette.accentSoft]] as const) {
    if (row === null || row < first || row > last) continue;
    context.fillStyle = colour;
    context.fillRect(0, middleOf(row, scene) - ROW_HEIGHT / 2, width, ROW_HEIGHT);
  }
}

function drawGuides(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, origin, width, left, height, palette } = scene;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const offset of ticksOf(view, origin, width - left, TICK_GAP).offsets) {
    const x = Math.round(barX(origin + offset, scene)) + 0.5;
    context.moveTo(x, AXIS_HEIGHT);
    context.lineTo(x, height);
  }
  context.stroke();
}

function drawEdges(context: CanvasRenderingContext2D, scene: Scene, first: number, last: number): void {
  const { edges, palette, selectedRow, hoveredRow } = scene;
  const isMeant = ({ fromRow, toRow }: RowEdge): boolean => [selectedRow, hoveredRow].some((row) => row !== null && (row === fromRow || row === toRow));
  const seen = edges.filter(({ fromRow, toRow }) => Math.max(fromRow, toRow) >= first && Math.min(fromRow, toRow) <= last);
  const plain = seen.length <= EDGES_MAX ? seen.filter((edge) => !isMeant(edge)) : [];
  for (const [group, colour, lineWidth, alpha] of [[plain, palette.edge, 1, 0.55], [seen.filter(isMeant), palette.accent, 1.75, 1]] as const) {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = lineWidth;
    context.globalAlpha = alpha;
    for (const { fromRow, toRow, fromTime, toTime } of group) {
      drawEdge(context, barX(fromTime, scene), middleOf(fromRow, scene), barX(toTime, scene), middleOf(toRow, scene));
    }
    context.globalAlpha = 1;
  }
}

/** From the end of one bar to the start of another, with an arrow's head. */
function drawEdge(context: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  const bend = Math.min(36, Math.max(10, Math.abs(toX - fromX) / 2));
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX + bend, fromY, toX - bend, toY, toX - 4, toY);
  context.stroke();
  context.beginPath();
  context.moveTo(toX, toY);
  context.lineTo(toX - 5, toY - 3);
  context.lineTo(toX - 5, toY + 3);
  context.fill();
}

function drawBar(context: CanvasRenderingContext2D, scene: Scene, at: number): void {
  const row = scene.rows[at];
  if (row === undefined) return;
  const { start, end } = row.kind === 'run' ? row.node : row;
  const x = barX(start, scene);
  const barWidth = Math.max(BAR_WIDTH_MIN, barX(end ?? Math.max(scene.now, start), scene) - x);
  if (x > scene.width || x + barWidth < scene.left) return pointAway(context, scene, x > scene.width, middleOf(at, scene));
  const y = middleOf(at, scene) - BAR_HEIGHT / 2;
  if (row.kind === 'group') drawSegments(context, scene, row, x, y, barWidth);
  else drawRunBar(context, scene, row.node.type, row.node.kind, x, y, barWidth);
  const seconds = ((end ?? scene.now) - start) / 1000;
  const says = row.kind === 'group' ? `${formatDuration(seconds)} · ${groupWords(row)}` : `${isWaiting(row.node) ? 'waiting ' : ''}${formatDuration(seconds)}`;
  context.font = `11px ${scene.palette.sans}`;
  context.fillStyle = scene.palette.muted;
  context.textAlign = 'left';
  const needed = context.measureText(says).width + 8;
  const isRoomAfter = x + barWidth + needed < scene.width;
  const isRoomBefore = x - needed > scene.left;
  const textX = isRoomAfter ? x + barWidth + 6 : isRoomBefore ? x - needed + 2 : null;
  if (textX === null) return;
  // Lines that pass behind must not strike the text out.
  context.strokeStyle = scene.palette.surface;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeText(says, textX, middleOf(at, scene) + 0.5);
  context.fillText(says, textX, middleOf(at, scene) + 0.5);
}

/** Where to look for a bar that is out of sight. */
function pointAway(context: CanvasRenderingContext2D, { left, width, palette }: Scene, isAfter: boolean, y: number): void {
  const [tip, back] = isAfter ? [width - 8, width - 12] : [left + 8, left + 12];
  context.strokeStyle = palette.muted;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(back, y - 4);
  context.lineTo(tip, y);
  context.lineTo(back, y + 4);
  context.stroke();
}

function drawRunBar(context: CanvasRenderingContext2D, scene: Scene, type: StateType, kind: 'flow-run' | 'task-run', x: number, y: number, width: number): void {
  const colour = scene.palette.states[type];
  context.beginPath();
  if (isWaiting({ type })) return drawWaiting(context, colour, x, y, width);
  context.roundRect(x, y, width, BAR_HEIGHT, Math.min(3, width / 2));
  context.fillStyle = colour;
  // A subflow is a frame with rails: it holds runs of its own.
  context.globalAlpha = kind === 'flow-run' ? 0.3 : 1;
  context.fill();
  context.globalAlpha = 1;
  if (kind === 'flow-run') {
    context.fillRect(x, y, width, 2.5);
    context.fillRect(x, y + BAR_HEIGHT - 2.5, width, 2.5);
  }
  if (type === 'FAILED' || type === 'CRASHED') hatch(context, scene.palette.surface, x, y, width);
}

/** Nothing happens yet: an outline, not a bar. */
function drawWaiting(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number): void {
  context.roundRect(x + 0.5, y + 2.5, width - 1, BAR_HEIGHT - 5, 3);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}

/** Stripes, so that what went wrong is seen without its colour. */
function hatch(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number): void {
  context.save();
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = x - BAR_HEIGHT; at < x + Math.min(width, 4000); at += 6) {
    context.moveTo(at, y + BAR_HEIGHT);
    context.lineTo(at + BAR_HEIGHT, y);
  }
  context.stroke();
  context.restore();
}

/** A group's bar is filled with its states, as many parts of it as runs have that state; above it stands how many ran at a time. */
function drawSegments(context: CanvasRenderingContext2D, scene: Scene, row: GroupRow, x: number, y: number, width: number): void {
  drawProfile(context, scene, row, x, y, width);
  let from = x;
  context.save();
  context.beginPath();
  context.roundRect(x, y + BAR_HEIGHT - GROUP_BAR_HEIGHT, width, GROUP_BAR_HEIGHT, 2);
  context.clip();
  for (const type of STACK_ORDER) {
    const count = row.counts[type] ?? 0;
    if (count === 0) continue;
    // What failed must be seen even if it is one in thousands.
    const share = Math.max(type === 'FAILED' || type === 'CRASHED' ? 3 : 0, (width * count) / row.nodes.length);
    const at = type === 'FAILED' || type === 'CRASHED' ? Math.min(from, x + width - share) : from;
    context.beginPath();
    context.rect(at, y + BAR_HEIGHT - GROUP_BAR_HEIGHT, share, GROUP_BAR_HEIGHT);
    context.fillStyle = scene.palette.states[type];
    context.fill();
    if (type === 'FAILED' || type === 'CRASHED') hatch(context, scene.palette.surface, at, y, share);
    from = at + share;
  }
  context.restore();
}

/** How many of a group ran at a time, as a profile over its bar. */
function drawProfile(context: CanvasRenderingContext2D, scene: Scene, { nodes }: GroupRow, x: number, y: number, width: number): void {
  const levels = concurrencyProfile(nodes, scene.now, Math.min(PROFILE_STEPS_MAX, Math.max(1, Math.floor(width / 3))));
  const top = Math.max(...levels);
  const step = width / levels.length;
  const room = BAR_HEIGHT - GROUP_BAR_HEIGHT + PROFILE_ABOVE;
  const floor = y + BAR_HEIGHT - GROUP_BAR_HEIGHT - 1;
  context.fillStyle = scene.palette.edge;
  context.globalAlpha = 0.45;
  context.beginPath();
  levels.forEach((level, at) => context.rect(x + at * step, floor - (level / top) * room, step + 0.3, (level / top) * room));
  context.fill();
  context.globalAlpha = 1;
}

export function groupWords({ counts }: Pick<GroupRow, 'counts'>): string {
  return [...STACK_ORDER].reverse().flatMap((type) => (counts[type] === undefined ? [] : [`${counts[type]} ${lookOf(type).label.toLowerCase()}`])).join(', ');
}

function drawPlayhead(context: CanvasRenderingContext2D, scene: Scene): void {
  if (!scene.isGrowing) return;
  const x = barX(scene.now, scene);
  context.strokeStyle = scene.palette.accent;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, AXIS_HEIGHT);
  context.lineTo(x, scene.height);
  context.stroke();
  context.setLineDash([]);
}

const INDENT = 14;
const shapes = new Map<string, Path2D>();

function shapeOf(path: string): Path2D {
  const known = shapes.get(path);
  if (known !== undefined) return known;
  const shape = new Path2D(path);
  shapes.set(path, shape);
  return shape;
}

function drawName(context: CanvasRenderingContext2D, scene: Scene, at: number): void {
  const row = scene.rows[at];
  if (row === undefined) return;
  const { palette, left } = scene;
  const x = 10 + Math.min(row.depth, 6) * INDENT;
  const y = middleOf(at, scene);
  context.textAlign = 'left';
  context.font = `${row.kind === 'group' ? '600 ' : ''}12px ${palette.sans}`;
  if (row.kind === 'group') drawCaret(context, palette.muted, x, y, row.isOpen);
  else drawState(context, palette, row.node.type, x, y);
  context.fillStyle = palette.text;
  const says = row.kind === 'group' ? `${row.name} ×${row.nodes.length}` : row.node.label;
  context.fillText(shorten(context, says, left - x - 28), x + 20, y + 0.5);
}

function drawCaret(context: CanvasRenderingContext2D, colour: string, x: number, y: number, isOpen: boolean): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.beginPath();
  const points = isOpen ? [[3, -2], [7, 2], [11, -2]] : [[5, -4], [9, 0], [5, 4]];
  points.forEach(([dx = 0, dy = 0], step) => (step === 0 ? context.moveTo(x + dx, y + dy) : context.lineTo(x + dx, y + dy)));
  context.stroke();
}

function drawState(context: CanvasRenderingContext2D, palette: Palette, type: StateType, x: number, y: number): void {
  const { fill, line, mark } = lookOf(type);
  context.save();
  context.translate(x, y - 7);
  context.scale(14 / 16, 14 / 16);
  context.fillStyle = context.strokeStyle = palette.states[type];
  context.lineCap = context.lineJoin = 'round';
  context.lineWidth = 1.6;
  if (fill !== undefined) context.fill(shapeOf(fill));
  if (line !== undefined) context.stroke(shapeOf(line));
  context.strokeStyle = palette.surface;
  if (mark !== undefined) context.stroke(shapeOf(mark));
  context.restore();
}

function shorten(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) fits = middle;
    else tooLong = middle;
  }
  return `${text.slice(0, fits)}…`;
}

function drawAxis(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, origin, width, left, palette } = scene;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, AXIS_HEIGHT);
  context.fillStyle = palette.line;
  context.fillRect(0, AXIS_HEIGHT - 1, width, 1);
  context.fillRect(left - 1, 0, 1, scene.height);
  context.font = `11px ${palette.sans}`;
  context.fillStyle = palette.muted;
  context.textAlign = 'left';
  const { step, offsets } = ticksOf(view, origin, width - left, TICK_GAP);
  for (const offset of offsets) {
    const x = barX(origin + offset, scene);
    const says = formatOffset(offset, step);
    if (x >= left && x + context.measureText(says).width + 4 < width) context.fillText(says, x + 4, AXIS_HEIGHT / 2);
  }
}
