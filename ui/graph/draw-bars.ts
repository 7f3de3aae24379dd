/** Draws the bars of the timeline: a run with its attempts and waits, a group with its states. */
import { lookById, STACK_ORDER, type Pattern } from '../features/states/state-look.ts';
import { drawLook } from './draw-look.ts';
import type { NodeSegment, TimelineNode } from './nodes.ts';
import { concurrencyProfile } from './profile.ts';
import type { GroupRow } from './rows.ts';
import { barX, middleOf, shorten, type Scene } from './scene.ts';
import { besideBar } from './messages.ts';

const BAR_HEIGHT = 12;
/** Of a group, whose bar has a profile above it. */
const GROUP_BAR_HEIGHT = 6;
const PROFILE_ABOVE = 3;
const PROFILE_STEPS_MAX = 400;
/** A bar of no time is still something to point at. */
const BAR_WIDTH_MIN = 3;
/** Room for the number of an attempt, or the shape of a wait. */
const MARK_WIDTH = 16;
/** Of a text beside a bar: the reason of a failure may be long. */
const TEXT_WIDTH_MAX = 420;

export function drawBar(context: CanvasRenderingContext2D, scene: Scene, at: number): void {
  const row = scene.rows[at];
  if (row === undefined || row.kind === 'more') return;
  const { start, end } = row.kind === 'run' ? row.node : row;
  const x = barX(start, scene);
  const barWidth = Math.max(BAR_WIDTH_MIN, barX(end ?? Math.max(scene.now, start), scene) - x);
  if (x > scene.width || x + barWidth < scene.left)
    return pointAway(context, scene, x > scene.width, middleOf(at, scene));
  const y = middleOf(at, scene) - BAR_HEIGHT / 2;
  if (row.kind === 'group') drawCounts(context, scene, row, x, y, barWidth);
  else if (row.node.segments.length > 0) drawStretches(context, scene, row.node, y);
  else drawStretch(context, scene, row.node.look, row.node.kind, x, y, barWidth);
  const middle = middleOf(at, scene) + 0.5;
  // A group's bar leaves room above itself.
  writeBeside(context, scene, besideBar(row, scene.now), {
    x,
    width: barWidth,
    y: middle,
    insideY: row.kind === 'group' ? middle - GROUP_BAR_HEIGHT : middle,
  });
}

interface Place {
  readonly x: number;
  readonly width: number;
  readonly y: number;
  /** Where a text lies that has room on the bar only. */
  readonly insideY: number;
}

function writeBeside(
  context: CanvasRenderingContext2D,
  scene: Scene,
  says: string,
  { x, width: barWidth, y: besideY, insideY }: Place,
): void {
  context.font = `11px ${scene.palette.sans}`;
  context.fillStyle = scene.palette.muted;
  context.textAlign = 'left';
  const needed = context.measureText(says).width;
  const [from, until] = [Math.max(x, scene.left), Math.min(x + barWidth, scene.width)];
  const [after, before, inside] = [scene.width - until - 8, x - scene.left - 8, until - from - 12];
  // Where it is whole; else where most of it is.
  const room = [after, before, inside].find((width) => width >= needed) ?? Math.max(after, before, inside);
  const text = room < 24 ? '' : shorten(context, says, Math.min(TEXT_WIDTH_MAX, room));
  if (text === '' || text === '…') return;
  const y = room === after || room === before ? besideY : insideY;
  const textX = room === after ? until + 6 : room === before ? x - context.measureText(text).width - 6 : from + 6;
  // Lines that pass behind must not strike the text out.
  context.strokeStyle = scene.palette.surface;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeText(text, textX, y);
  context.fillText(text, textX, y);
}

/** Where to look for a bar that is out of sight. */
function pointAway(
  context: CanvasRenderingContext2D,
  { left, width, palette }: Scene,
  isAfter: boolean,
  y: number,
): void {
  const [tip, back] = isAfter ? [width - 8, width - 12] : [left + 8, left + 12];
  context.strokeStyle = palette.muted;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(back, y - 4);
  context.lineTo(tip, y);
  context.lineTo(back, y + 4);
  context.stroke();
}

/** Each attempt and each wait by itself: told apart by pattern, and where there is room by its number or its shape. */
function drawStretches(context: CanvasRenderingContext2D, scene: Scene, node: TimelineNode, y: number): void {
  const { palette } = scene;
  const from = barX(node.start, scene);
  const until = barX(node.end ?? Math.max(scene.now, node.start), scene);
  // What lies before the newest stretches, and between an end and a new beginning.
  context.fillStyle = palette.line;
  context.fillRect(from, y + BAR_HEIGHT / 2 - 0.5, Math.max(1, until - from), 1);
  node.segments.forEach((segment, at) => {
    const x = barX(segment.start, scene);
    const width = Math.max(BAR_WIDTH_MIN - 1, barX(segment.end ?? Math.max(scene.now, segment.start), scene) - x - 1);
    if (x > scene.width || x + width < scene.left) return;
    const look = segmentLook(node, segment, node.segments[at + 1]);
    drawStretch(context, scene, look, node.kind, x, y, width);
    if (width < MARK_WIDTH) return;
    if (segment.type === 'RUNNING') writeNumber(context, scene, segment.attempt, x, y);
    else drawLook(context, palette, segment.look, x + width / 2 - 5, y + 1, 10);
  });
}

/** An attempt that another followed went wrong; the last one went as the run did. */
export function segmentLook(
  node: Pick<TimelineNode, 'look' | 'end'>,
  segment: NodeSegment,
  next: NodeSegment | undefined,
): string {
  if (segment.type !== 'RUNNING') return segment.look;
  if (next !== undefined) return 'FAILED';
  return node.end === null ? segment.look : node.look;
}

function writeNumber(
  context: CanvasRenderingContext2D,
  { palette }: Scene,
  attempt: number,
  x: number,
  y: number,
): void {
  context.font = `700 9px ${palette.sans}`;
  context.textAlign = 'left';
  context.lineWidth = 2.5;
  context.lineJoin = 'round';
  context.strokeStyle = palette.surface;
  context.fillStyle = palette.text;
  context.strokeText(String(attempt), x + 4, y + BAR_HEIGHT / 2 + 0.5);
  context.fillText(String(attempt), x + 4, y + BAR_HEIGHT / 2 + 0.5);
}

function drawStretch(
  context: CanvasRenderingContext2D,
  scene: Scene,
  lookId: string,
  kind: TimelineNode['kind'],
  x: number,
  y: number,
  width: number,
): void {
  const { pattern } = lookById(lookId);
  const colour = scene.palette.states[lookId] ?? scene.palette.muted;
  context.beginPath();
  if (pattern === 'outline') return drawWaiting(context, colour, x, y, width);
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
  if (pattern !== undefined) fillPattern(context, pattern, scene.palette.surface, x, y, width);
}

/** Nothing happens yet: an outline, not a bar. */
function drawWaiting(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number): void {
  context.roundRect(x + 0.5, y + 2.5, Math.max(1, width - 1), BAR_HEIGHT - 5, 3);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}

/** In the path that is drawn now, so that a state is seen without its colour. */
function fillPattern(
  context: CanvasRenderingContext2D,
  pattern: Pattern,
  colour: string,
  x: number,
  y: number,
  width: number,
): void {
  context.save();
  context.clip();
  context.strokeStyle = context.fillStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1.5;
  context.beginPath();
  const end = x + Math.min(width, 4000);
  for (let at = x - BAR_HEIGHT; at < end; at += 6) {
    if (pattern === 'dots') context.rect(at + 2, y + 3 + (Math.round((at - x) / 6) % 2) * 3, 2, 2);
    else {
      context.moveTo(at, y + (pattern === 'back' ? 0 : BAR_HEIGHT));
      context.lineTo(at + BAR_HEIGHT, y + (pattern === 'back' ? BAR_HEIGHT : 0));
    }
  }
  if (pattern === 'dots') context.fill();
  else context.stroke();
  context.restore();
}

/**
 * A group's bar is filled with its states, as many parts of it as runs have that state; above it stands how many ran at
 * a time.
 */
function drawCounts(
  context: CanvasRenderingContext2D,
  scene: Scene,
  row: GroupRow,
  x: number,
  y: number,
  width: number,
): void {
  if (row.nodes.length > 0) drawProfile(context, scene, row, x, y, width);
  let from = x;
  context.save();
  context.beginPath();
  context.roundRect(x, y + BAR_HEIGHT - GROUP_BAR_HEIGHT, width, GROUP_BAR_HEIGHT, 2);
  context.clip();
  for (const id of STACK_ORDER) {
    const count = row.counts[id] ?? 0;
    if (count === 0) continue;
    const { pattern } = lookById(id);
    const isWrong = pattern === 'hatch';
    // What failed must be seen even if it is one in thousands.
    const share = Math.max(isWrong ? 3 : 0, (width * count) / row.count);
    const at = isWrong ? Math.min(from, x + width - share) : from;
    context.beginPath();
    context.rect(at, y + BAR_HEIGHT - GROUP_BAR_HEIGHT, share, GROUP_BAR_HEIGHT);
    context.fillStyle = scene.palette.states[id] ?? scene.palette.muted;
    context.fill();
    if (pattern !== undefined && pattern !== 'outline')
      fillPattern(context, pattern, scene.palette.surface, at, y, share);
    from = at + share;
  }
  context.restore();
}

/** How many of a group ran at a time, as a profile over its bar. */
function drawProfile(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { nodes }: GroupRow,
  x: number,
  y: number,
  width: number,
): void {
  const levels = concurrencyProfile(nodes, scene.now, Math.min(PROFILE_STEPS_MAX, Math.max(1, Math.floor(width / 3))));
  const top = Math.max(...levels);
  const step = width / levels.length;
  const room = BAR_HEIGHT - GROUP_BAR_HEIGHT + PROFILE_ABOVE;
  const floor = y + BAR_HEIGHT - GROUP_BAR_HEIGHT - 1;
  context.fillStyle = scene.palette.edge;
  context.globalAlpha = 0.45;
  context.beginPath();
  levels.forEach((level, at) =>
    context.rect(x + at * step, floor - (level / top) * room, step + 0.3, (level / top) * room),
  );
  context.fill();
  context.globalAlpha = 1;
}
