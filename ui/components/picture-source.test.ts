import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pictureSource } from './picture-source.ts';

const PAGE = 'http://localhost:4200/runs/flow-run/1';
const of = (src: string): string | undefined => {
  const found = pictureSource(src, PAGE);
  return found === null ? undefined : found.kind === 'inline' ? 'inline' : `${found.host} ${found.url}`;
};

test('what is in the text is shown, what is elsewhere has a host, the rest is no picture', () => {
  for (const src of ['data:image/png;base64,AA', ' DATA:image/svg+xml,<svg/>', 'data:image/webp;base64,AA'])
    assert.equal(of(src), 'inline', src);
  assert.equal(of('https://a.example/p.png'), 'a.example https://a.example/p.png');
  assert.equal(of('//a.example:8080/p.png'), 'a.example:8080 http://a.example:8080/p.png');
  assert.equal(of('\\\\a.example\\p.png'), 'a.example http://a.example/p.png');
  assert.equal(of('ht\ntps://a.example/p.png'), 'a.example https://a.example/p.png', 'as a browser would read it');
  assert.equal(of('https://localhost:4200@a.example/'), 'a.example https://localhost:4200@a.example/');
  assert.equal(of('p.png'), 'localhost:4200 http://localhost:4200/runs/flow-run/p.png');
  // oxlint-disable-next-line no-script-url -- it is what must be refused
  for (const src of [
    'javascript:alert(1)',
    'data:text/html,<script>',
    'data:image/svg;x',
    'data:,',
    'blob:http://localhost:4200/1',
    'file:///etc/passwd',
    'ftp://a.example/p',
    'https://',
    'about:blank',
    'vbscript:x',
  ]) {
    assert.equal(of(src), undefined, src);
  }
});
