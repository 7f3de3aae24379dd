/**
 * What one does on the page of a run, in front of a server that asks for its auth string and for CSRF tokens: a real
 * flow of the Python client is paused and given what it asks for, a flow of ours is retried by the command that the
 * page says, others are cancelled, marked, deleted.
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import type { Page } from 'playwright-core';

import { preparePython } from '../../scripts/python-environment.ts';
import { REFERENCE } from '../compat/clients.ts';
import { start } from '../compat/processes.ts';
import { startOstinato, until } from './background.ts';
import { LAUNCHER, runProgram } from './launch.ts';
import { openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const AUTH = 'me:secret';
await preparePython(REFERENCE, () => undefined);
const { place, browser, url } = await servePages({
  OSTINATO_SERVER_AUTH_STRING: AUTH,
  OSTINATO_SERVER_CSRF_PROTECTION: 'true',
});
const env = { OSTINATO_API_URL: `${url}/api`, OSTINATO_API_AUTH_STRING: AUTH };

writeFileSync(
  join(place.project, 'shop.ts'),
  `
import { existsSync } from 'node:fs';
import { flow, runContext, task } from 'ostinato';
const load = task(async (region: string) => region.length, { name: 'load', persistResult: true });
const publish = task(async (count: number) => {
  runContext()?.logger.error('\\u001b[31mit broke\\u001b[0m\\nTraceback (most recent call last):\\n  File "/x/site-packages/prefect/engine.py", line 1, in run\\n    yield\\n  File "/home/ada/till.py", line 7, in open_till\\n    raise KeyError\\nKeyError');
  if (!existsSync('open')) throw new Error('the shop is closed', { cause: new TypeError('no key') });
  return count;
}, { name: 'publish' });
const wait = task(async () => { await new Promise((resolve) => setTimeout(resolve, 50)); }, { name: 'wait' });
export const shop = flow(async () => publish(await load('north')), { name: 'Shop' });
export const endless = flow(async () => { for (;;) await wait(); }, { name: 'Endless' });
`,
);
writeFileSync(
  join(place.project, 'approve.py'),
  `
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import List, Optional
from pydantic import BaseModel, Field
from prefect import flow, pause_flow_run
from prefect.input import RunInput

class Level(str, Enum):
    low = "low"
    high = "high"

class Signer(BaseModel):
    mail: str
    age: int = Field(ge=18)

class Approval(RunInput):
    name: str = Field(title="Your name", description="As it is signed")
    ratio: float
    big: int
    due: date
    level: Level = Level.low
    note: Optional[str] = None
    tags: List[str] = []
    signer: Signer

@flow
def approve():
    got = pause_flow_run(wait_for_input=Approval.with_initial_data(description="Please **sign**"), timeout=120, poll_interval=1)
    print("GOT", got.model_dump_json())

approve()
`,
);

const opened = openPage(browser, url, { width: 1280 }).then(async ({ page, complaints }) => {
  await page.getByRole('dialog', { name: 'Sign in' }).getByLabel('Auth string').fill(AUTH);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return { page, complaints };
});

async function openRun(page: Page, flowName: string, state: string): Promise<void> {
  await page.goto(`${url}/runs`);
  await page.locator('.run-row', { hasText: flowName }).filter({ hasText: state }).first().click();
  await stands(page, state);
}

const stands = (page: Page, state: string): Promise<void> =>
  page.locator('.run-facts > .state-badge', { hasText: state }).waitFor();
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

test('resume: the form of what a Python flow asks for; what is wrong is told at its field; digits reach the flow as they were typed', async () => {
  const python = start({
    command: REFERENCE.python,
    words: ['approve.py'],
    folder: place.project,
    environment: {
      PATH: process.env['PATH'] ?? '',
      HOME: place.home,
      PREFECT_API_URL: `${url}/api`,
      PREFECT_API_AUTH_STRING: AUTH,
      PREFECT_HOME: join(place.home, 'prefect'),
      DO_NOT_TRACK: '1',
    },
  });
  after(() => python.stop());
  const { page } = await opened;
  await until('it pauses', async () => {
    if (python.hasEnded()) throw new Error(python.said());
    await page.goto(`${url}/runs`);
    return page.locator('.run-row', { hasText: 'Paused' }).first().isVisible();
  });
  await openRun(page, 'approve', 'Paused');
  await press(page, 'Resume');
  const dialog = page.getByRole('dialog', { name: /^Resume/ });
  await dialog.locator('strong', { hasText: 'sign' }).waitFor();
  await press(page, 'Resume the run');
  await dialog.locator('[data-path="ratio"] .field-problem', { hasText: 'This is required.' }).waitFor();
  assert.match(
    await page.evaluate<string>('document.activeElement.closest("[data-path]").dataset.path'),
    /^(?:ratio|big|due)$/,
    'the first that is wrong has the focus',
  );
  await dialog.getByLabel('Your name').fill('Ada');
  await dialog.getByLabel(/^Ratio/).fill('0.10');
  await dialog.getByLabel(/^Big/).fill('12345678901234567890');
  await dialog.getByLabel(/^Due/).fill('2026-12-24');
  await dialog.getByLabel(/^Level/).selectOption('high');
  await dialog.getByLabel(/^Mail/).fill('ada@example.com');
  await dialog.getByLabel(/^Age/).fill('17');
  await dialog.getByRole('button', { name: 'Add to Tags' }).click();
  await dialog.getByLabel('Item 1', { exact: true }).fill('x');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await press(page, 'Resume');
  assert.equal(await dialog.getByLabel('Your name').inputValue(), 'Ada', 'what was typed is still there');
  await press(page, 'Resume the run');
  await dialog
    .locator('[data-path="signer.age"] .field-problem', { hasText: '17 is less than the minimum of 18' })
    .waitFor();
  await dialog.getByLabel(/^Age/).fill('18');
  await press(page, 'Write it as JSON');
  assert.match(
    await dialog.getByLabel('Input as JSON').inputValue(),
    /"ratio":0\.10,"big":12345678901234567890,"due":"2026-12-24","level":"high","note":null,"tags":\["x"\]/,
  );
  await press(page, 'Back to the form');
  await press(page, 'Resume the run');
  await dialog.waitFor({ state: 'detached' });
  await stands(page, 'Completed');
  const { stdout, stderr } = await python.ended;
  assert.match(
    stdout,
    /GOT \{"name":"Ada","ratio":0\.1,"big":12345678901234567890,"due":"2026-12-24","level":"high","note":null,"tags":\["x"\],"signer":\{"mail":"ada@example\.com","age":18\}\}/,
    stderr,
  );
});

test('retry: what runs again is told, the command is copied, and pasted into a shell it goes on; the page follows', async () => {
  const bin = join(place.project, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(LAUNCHER, join(bin, 'ostinato'));
  writeFileSync(join(place.project, 'package.json'), '{"name":"shop","private":true,"type":"module"}');
  await place.ostinato(['run', 'shop.ts:shop'], { env });
  const { page } = await opened;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openRun(page, 'Shop', 'Failed');
  const why = page.locator('.why');
  await why.getByRole('link', { name: 'publish' }).first().waitFor();
  assert.match(
    String(await why.getByRole('link', { name: 'publish' }).first().getAttribute('href')),
    /^\/runs\/flow-run\/.*[?&]task=/,
  );
  const stack = why.getByLabel('the stack of TypeError').filter({ hasText: 'shop.ts' });
  await stack.waitFor();
  const [shown, fold] = [await stack.boundingBox(), await stack.locator('~ .fold').boundingBox()];
  assert.ok(shown && fold && fold.y >= shown.y + shown.height, 'what unfolds the stack takes none of its width');
  assert.match(
    (await why.locator('li > time').first().getAttribute('title')) ?? '',
    /^\d{4}-\d\d-\d\dT.*Z \(shown: Europe\/Berlin\)$/,
  );
  const line = page.locator('.log-line', { hasText: 'open_till' });
  await line.getByText('1 frame of libraries').waitFor();
  assert.doesNotMatch(await line.innerText(), /site-packages|\[31m/);
  await line.getByRole('button', { name: /^Show all frames/ }).click();
  await line.getByText('site-packages').waitFor();
  await press(page, 'Retry');
  const dialog = page.getByRole('dialog', { name: /^Retry/ });
  await dialog.getByText('1 runs again and 1 is kept').waitFor();
  assert.deepEqual(await dialog.locator('.plan tbody tr td:nth-of-type(1)').allInnerTexts(), ['is kept', 'runs again']);
  await dialog.getByRole('button', { name: 'Copy the command' }).click();
  const command = await page.evaluate<string>('navigator.clipboard.readText()');
  assert.match(command, /^OSTINATO_API_URL=\S+ npx ostinato flow-run retry \S+$/);
  writeFileSync(join(place.project, 'open'), '');
  const pasted = runProgram('sh', ['-c', command], {
    cwd: place.project,
    env: { OSTINATO_HOME: place.home, OSTINATO_API_AUTH_STRING: AUTH, npm_config_offline: 'true' },
  });
  await stands(page, 'Completed');
  await dialog.waitFor({ state: 'detached' });
  const ended = await pasted;
  assert.equal(ended.exitCode, 0, ended.stderr);
  await page.getByRole('tab', { name: /^Task runs/ }).click();
  await page.locator('.task-table tr', { hasText: 'load' }).filter({ hasText: 'Completed' }).waitFor();
});

test('cancel with keys alone; then marked, with a message; then deleted, and the list is there without it', async () => {
  const running = startOstinato(place, ['run', 'shop.ts:endless'], env);
  after(() => running.child.kill('SIGKILL'));
  const { page } = await opened;
  await until('it runs', async () => {
    await page.goto(`${url}/runs`);
    return page.locator('.run-row', { hasText: 'Endless' }).filter({ hasText: 'Running' }).isVisible();
  });
  await openRun(page, 'Endless', 'Running');
  const since = page.locator('.why > summary .duration');
  const first = await since.innerText();
  await until('why it is so goes on by itself', async () => (await since.innerText()) !== first);
  await page.getByRole('button', { name: 'Cancel', exact: true }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^Its process \(pid \d+ on .*\) hears of it within a second/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel the run' }).focus();
  await page.keyboard.press('Enter');
  await stands(page, 'Cancelled');
  assert.notEqual((await running.ended).exitCode, 0);

  // The same run in another tab: what is done to it there has this one's dialog say so, and do nothing.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await stands(other, 'Cancelled');
  await other.getByRole('button', { name: 'Delete' }).click();
  await other
    .getByRole('dialog')
    .getByText(/^With it go \d+ task runs?.* This cannot be undone\.$/)
    .waitFor();
  await press(page, 'Mark as…');
  await dialog.getByRole('radio', { name: 'Failed' }).check();
  await dialog.getByRole('textbox').fill('<b>the till was empty</b>');
  await press(page, 'Mark as Failed');
  await stands(page, 'Failed');
  await page.locator('.why', { hasText: '<b>the till was empty</b>' }).waitFor();
  await other
    .getByRole('alert')
    .filter({ hasText: 'It was Cancelled when you opened this, and is Failed now' })
    .waitFor();
  assert.equal(await other.getByRole('button', { name: 'Delete the run' }).isDisabled(), true);

  await other.getByRole('button', { name: 'Keep it' }).click();
  await other.getByRole('button', { name: 'Delete' }).click();
  await other.getByRole('button', { name: 'Delete the run' }).click();
  await other.waitForURL(/\/runs(?:\?|$)/);
  await other.locator('.run-row').first().waitFor();
  assert.equal(await other.locator('.run-row', { hasText: 'Endless' }).count(), 0);
  await page.getByRole('heading', { name: 'This flow run is not here' }).waitFor();
  assert.deepEqual((await opened).complaints, []);
});
