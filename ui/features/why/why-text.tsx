import { CopyButton } from '../../components/copy-button.tsx';

/** A sentence in which commands stand between backquotes. */
export function WhyText({ text }: { readonly text: string }) {
  return text.split('`').map((part, at) => (at % 2 === 0 ? <span key={at}>{part}</span> : (
    <span key={at} className="why-command"><code>{part}</code><CopyButton text={part} label={`Copy: ${part}`} /></span>
  )));
}
