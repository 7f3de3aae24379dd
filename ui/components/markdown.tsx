/** Markdown of somebody else's: parsed without raw HTML, then cleaned once more. Loaded only where there is some. */
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { useMemo } from 'react';

const parser = new MarkdownIt({ html: false, linkify: true, breaks: false });

/** What a text may become; no styles, no handlers, no frames, no forms. */
const ALLOWED = {
  ALLOWED_TAGS: ['a', 'b', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'img', 'li', 'ol', 'p', 'pre', 's', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'start', 'align'],
};

export default function Markdown({ text }: { readonly text: string }) {
  const html = useMemo(() => {
    const clean = DOMPurify.sanitize(parser.render(text), { ...ALLOWED, RETURN_DOM_FRAGMENT: true });
    // A page that was opened from here must not reach back, nor learn the run's address.
    for (const link of clean.querySelectorAll('a')) {
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
    }
    const holder = document.createElement('div');
    holder.append(clean);
    return holder.innerHTML;
  }, [text]);
  return <div className="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
