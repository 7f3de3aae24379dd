/**
 * A picture of a confusion matrix: how often each class (rows) was taken for which (columns). SVG, so that no library
 * is needed.
 */

const CELL = 96;
const LEFT = 130;
const TOP = 70;

export function drawConfusionMatrix(labels: readonly string[], matrix: readonly (readonly number[])[]): string {
  const [width, height] = [LEFT + CELL * labels.length + 20, TOP + CELL * labels.length + 20];
  const cells = matrix.flatMap((row, y) =>
    row.map((count, x) =>
      drawCell(
        count,
        count /
          Math.max(
            1,
            row.reduce((sum, one) => sum + one, 0),
          ),
        x,
        y,
      ),
    ),
  );
  const columns = labels.map((label, at) => text(LEFT + CELL * (at + 0.5), TOP - 14, label));
  const rows = labels.map((label, at) => text(LEFT - 12, TOP + CELL * (at + 0.5) + 5, label, 'end'));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="14">
<rect width="100%" height="100%" fill="white"/>
${text(LEFT + (CELL * labels.length) / 2, 24, 'predicted')}
${text(LEFT - 12, TOP - 14, 'actual', 'end')}
${[...columns, ...rows, ...cells].join('\n')}
</svg>`;
}

/** @param share of its row, 0…1: the darker, the more */
function drawCell(count: number, share: number, x: number, y: number): string {
  const [left, top] = [LEFT + x * CELL, TOP + y * CELL];
  const ink = share > 0.5 ? 'white' : '#222';
  return `<rect x="${left}" y="${top}" width="${CELL - 2}" height="${CELL - 2}" rx="6" fill="rgb(${[29, 78, 216].map((full) => Math.round(245 - (245 - full) * share)).join(' ')})"/>
${text(left + CELL / 2 - 1, top + CELL / 2 + 5, String(count), 'middle', ink)}`;
}

function text(x: number, y: number, content: string, anchor = 'middle', fill = '#222'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}">${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}
