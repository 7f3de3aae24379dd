/**
 * Browsers have a clipboard for pages of https and of this machine only; to others they lend the old way, by a
 * selection.
 * @returns whether it was copied
 */
export function copySelection(text: string): boolean {
  const field = Object.assign(document.createElement('textarea'), {
    value: text,
    readOnly: true,
    className: 'visually-hidden',
  });
  const before = document.activeElement;
  // A dialog lets nothing outside it have the focus.
  (before?.closest('dialog') ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isCopied;
}
