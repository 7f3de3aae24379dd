/**
 * Markdown of somebody else's: parsed without raw HTML, then cleaned once more. Loaded only where there is some.
 *
 * The cleaned elements are put into the page as they are: written out and read again, they could become others. No
 * picture is among them, since one begins to load as soon as it exists; a mark stands for it until the reader asks.
 */
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

import { Picture } from './picture.tsx';

const parser = new MarkdownIt({ html: false, linkify: true, breaks: false });
parser.renderer.rules['image'] = (tokens, at, options, environment, renderer) => {
  const token = tokens[at];
  const { escapeHtml } = parser.utils;
  const alt = renderer.renderInlineAsText(token?.children ?? [], options, environment);
  return `<span data-picture="${escapeHtml(String(token?.attrGet('src') ?? ''))}" data-alt="${escapeHtml(alt)}"></span>`;
};

// Columns are aligned by a style, which the pages' policy has nobody write into their markup.
for (const cell of ['th_open', 'td_open']) {
  parser.renderer.rules[cell] = (tokens, at, options, _environment, renderer) => {
    const token = tokens[at];
    const side = /^text-align:(\w+)$/.exec(String(token?.attrGet('style') ?? ''))?.[1];
    if (token !== undefined && side !== undefined) token.attrs = [['align', side]];
    return renderer.renderToken(tokens, at, options);
  };
}

/** What a text may become; no styles, no handlers, no frames, no forms, and nothing that loads. */
const ALLOWED = {
  ALLOWED_TAGS: [
    'a',
    'b',
    'blockquote',
    'br',
    'code',
    'del',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'li',
    'ol',
    'p',
    'pre',
    's',
    'span',
    'strong',
    'table',
    'tbody',
    'td',
    'th',
    'thead',
    'tr',
    'ul',
  ],
  ALLOWED_ATTR: ['href', 'title', 'start', 'align', 'data-picture', 'data-alt'],
  ALLOW_DATA_ATTR: false,
  ADD_URI_SAFE_ATTR: ['data-picture', 'data-alt'],
  // What is followed leads to a page or a mail, or to nothing.
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
};

interface Mark {
  readonly holder: HTMLElement;
  readonly src: string;
  readonly alt: string;
}

export default function Markdown({ text }: { readonly text: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  useLayoutEffect(() => {
    const clean = DOMPurify.sanitize(parser.render(text), { ...ALLOWED, RETURN_DOM_FRAGMENT: true });
    // A page that was opened from here must not reach back, nor learn the run's address.
    for (const link of clean.querySelectorAll('a')) {
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
    }
    // What is wider than the page is moved with the keys, too.
    for (const wide of clean.querySelectorAll<HTMLElement>('pre, table')) wide.tabIndex = 0;
    const found = [...clean.querySelectorAll<HTMLElement>('[data-picture]')];
    frame.current?.replaceChildren(clean);
    setMarks(
      found.map((holder) => ({ holder, src: holder.dataset['picture'] ?? '', alt: holder.dataset['alt'] ?? '' })),
    );
  }, [text]);
  return (
    <>
      <div className="markdown" ref={frame} />
      {marks.map(({ holder, src, alt }, at) => createPortal(<Picture src={src} alt={alt} />, holder, String(at)))}
    </>
  );
}
