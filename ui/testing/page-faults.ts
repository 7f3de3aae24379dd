/**
 * What is wrong with how the page is laid out, each fault in a sentence. Runs in the page, where it is given as text:
 * it imports nothing.
 *
 * The page is no wider than the screen; text stays in its box, short words stay whole, and what is cut off says so (an
 * ellipsis) and can be read in full (a title); no control lies on another; on a phone each is as high as a finger.
 */

/** Rounding of fractions of pixels, and what a font's outlines take beside the box of a letter. */
const SLACK = 1.5;
/** Nobody reads more of one page. */
const FAULTS_MAX = 12;

interface Control {
  readonly element: Element;
  /** As much of it as is not scrolled out of a box around it; a box a line. */
  readonly boxes: readonly DOMRect[];
}

/** @param touchPixels how high a control must be; `null`: as it likes */
export function findPageFaults(touchPixels: number | null): string[] {
  const outermost = document.querySelector('dialog[open]') ?? document.body;
  const elements = [...outermost.querySelectorAll('*')].filter(
    (element) => !(element instanceof SVGElement) && isSeen(element),
  );
  const controls = controlsOf(elements);
  const faults = [
    tooWide(),
    ...elements.flatMap(cutOff),
    ...textFaults(outermost),
    ...overlaps(controls),
    ...(touchPixels === null ? [] : tooLow(controls, touchPixels)),
  ];
  return [...new Set(faults.filter((fault) => fault !== ''))].slice(0, FAULTS_MAX);
}

function tooWide(): string {
  const pixels = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth;
  return pixels > 0 ? `the page is ${pixels} pixels wider than the screen` : '';
}

function nameOf(element: Element): string {
  const words = (element.getAttribute('aria-label') ?? element.textContent ?? '')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .slice(0, 40);
  return `${element.tagName.toLowerCase()}${[...element.classList].map((one) => `.${one}`).join('')} “${words}”`;
}

function isSeen(element: Element): boolean {
  if (
    !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ||
    element.closest('.skip-link, [aria-hidden="true"]') !== null
  )
    return false;
  for (let around: Element | null = element; around !== null; around = around.parentElement) {
    // What is there for who hears the page only.
    if (getComputedStyle(around).clipPath === 'inset(50%)') return false;
  }
  return true;
}

function isCut(overflow: string): boolean {
  return overflow === 'hidden' || overflow === 'clip';
}

/** Whether what is wider or higher than the element is cut off, or scrolled to. */
function isFrame({ overflowX, overflowY }: CSSStyleDeclaration): boolean {
  return overflowX !== 'visible' || overflowY !== 'visible';
}

function cutOff(element: Element): string[] {
  const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(element);
  if (element.clientWidth === 0) return [];
  const [wide, high] = [element.scrollWidth - element.clientWidth, element.scrollHeight - element.clientHeight];
  const isTold =
    textOverflow === 'ellipsis' && (element.closest('[title]') !== null || element.querySelector('[title]') !== null);
  return [
    isCut(overflowX) && wide > SLACK && !isTold ? `cut off without a word: ${nameOf(element)}, by ${wide} pixels` : '',
    isCut(overflowY) && high > SLACK && webkitLineClamp === 'none'
      ? `cut off below: ${nameOf(element)}, by ${high} pixels`
      : '',
  ];
}

/**
 * Text that lies beside the box that it belongs to, as one long word does; and words that are broken for want of room.
 */
function textFaults(outermost: Element): string[] {
  const walker = document.createTreeWalker(outermost, NodeFilter.SHOW_TEXT);
  const faults: string[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (
      holder === null ||
      node.nodeValue?.trim() === '' ||
      holder instanceof SVGElement ||
      /^(?:OPTION|SCRIPT|STYLE|NOSCRIPT)$/.test(holder.tagName) ||
      !isSeen(holder)
    )
      continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(({ width }) => width > 0);
    const around = boxAround(holder, (box) =>
      boxes.some(({ left, right }) => right > box.right + SLACK || left < box.left - SLACK),
    );
    if (around !== null) faults.push(`text leaves its box: ${nameOf(holder)} in ${nameOf(around)}`);
    const broken = brokenWord(node);
    if (broken !== undefined) faults.push(`a word is broken: “${broken}” in ${nameOf(holder)}`);
  }
  return faults;
}

/** Longer ones may have to be, and other scripts break where they like. */
const SHORT_WORD = /(?<=^|\s)\p{Script=Latin}{2,14}(?=\s|$)/gu;

function brokenWord(node: Node): string | undefined {
  return [...(node.nodeValue ?? '').matchAll(SHORT_WORD)].find(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  })?.[0];
}

/** The innermost block around an element, up to a frame, of which something is true. */
function boxAround(element: Element, isSo: (box: DOMRect) => boolean): Element | null {
  for (
    let around: Element | null = element;
    around !== null && around !== document.body;
    around = around.parentElement
  ) {
    const style = getComputedStyle(around);
    if (style.display === 'inline' || style.display === 'contents') continue;
    if (isFrame(style)) return null;
    if (isSo(around.getBoundingClientRect())) return around;
  }
  return null;
}

/** Links in somebody's text lie where the text puts them. */
function controlsOf(elements: readonly Element[]): Control[] {
  const wanted = 'a[href], button, input, select, textarea, summary, [role="tab"], [role="button"], [role="option"]';
  return elements
    .filter((element) => element.matches(wanted) && element.closest('.markdown, .log-message') === null)
    .flatMap((element) => {
      const boxes = seenBoxes(element);
      return boxes.length === 0 ? [] : [{ element, boxes }];
    });
}

function seenBoxes(element: Element): DOMRect[] {
  let [left, top, right, bottom] = [-Infinity, -Infinity, Infinity, Infinity];
  for (let around = element.parentElement; around !== null && around !== document.body; around = around.parentElement) {
    if (!isFrame(getComputedStyle(around))) continue;
    const box = around.getBoundingClientRect();
    [left, top, right, bottom] = [
      Math.max(left, box.left),
      Math.max(top, box.top),
      Math.min(right, box.right),
      Math.min(bottom, box.bottom),
    ];
  }
  return [...element.getClientRects()].flatMap((box) => {
    const [x, y] = [Math.max(left, box.left), Math.max(top, box.top)];
    const [width, height] = [Math.min(right, box.right) - x, Math.min(bottom, box.bottom) - y];
    return width > SLACK && height > SLACK ? [new DOMRect(x, y, width, height)] : [];
  });
}

function meet(one: DOMRect, other: DOMRect): boolean {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  return across > SLACK && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > SLACK;
}

function overlaps(controls: readonly Control[]): string[] {
  /** What lies over the page on purpose. */
  const layerOf = ({ element }: Control): Element | null => element.closest('dialog, .top, .side-panel');
  return controls.flatMap((one, at) =>
    controls.slice(at + 1).flatMap((other) => {
      if (layerOf(one) !== layerOf(other) || one.element.contains(other.element) || other.element.contains(one.element))
        return [];
      return one.boxes.some((box) => other.boxes.some((further) => meet(box, further)))
        ? [`one control lies on another: ${nameOf(one.element)} and ${nameOf(other.element)}`]
        : [];
    }),
  );
}

/** A link in a sentence is as high as its line; what a label says of a field belongs to it. */
function tooLow(controls: readonly Control[], touchPixels: number): string[] {
  return controls
    .filter(({ element }) => element.tagName !== 'A' || getComputedStyle(element).display !== 'inline')
    .flatMap(({ element }) => {
      const { height } = (element.closest('label') ?? element).getBoundingClientRect();
      return height < touchPixels - 0.5
        ? [`too low for a finger: ${nameOf(element)} is ${Math.round(height)} pixels high`]
        : [];
    });
}
