/** A real Chromium without a window, in which the tests drive the pages. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';

import { chromium, type Browser, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const INSTALL_ATTEMPTS = 5;

/** Without these it speaks to its maker's hosts, and waits for them where there is no way to them. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Call at the top of a test file; the browser ends with the file's tests. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser() ?? installBrowser();
  const browser = await chromium.launch({ executablePath, args: QUIET });
  after(() => browser.close());
  return browser;
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/**
 * A page in a profile of its own. What its code complains of is in `complaints`, but for refusals that a test asks for.
 */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 900, colorScheme = 'light' }: OpenOptions = {},
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !/Failed to load resource|WebSocket connection/.test(text))
      complaints.push(text);
  });
  await page.goto(url);
  return { page, complaints };
}

function findBrowser(): string | null {
  const own = process.env['CHROME_PATH'];
  if (own !== undefined) return own;
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/bin');
  return (
    [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...ELSEWHERE].find(existsSync) ?? null
  );
}

function installBrowser(): string {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...words: string[]): boolean => {
    const [command, ...rest] = [...prefix, 'apt-get', ...words] as [string, ...string[]];
    return (
      spawnSync(command, rest, {
        stdio: 'ignore',
        timeout: INSTALL_TIMEOUT_MS,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status === 0
    );
  };
  console.log('Set-up: no Chromium here; apt-get install chromium');
  // Two test files may do this at once: one waits for the other's lock, and then finds the browser there.
  const wait = ['-o', 'DPkg::Lock::Timeout=240'];
  for (let attempt = 0; attempt < INSTALL_ATTEMPTS && findBrowser() === null; attempt += 1) {
    if (apt('install', ...wait, '-y', '-qq', '--no-install-recommends', 'chromium')) break;
    // The lists of packages of a fresh machine may be empty.
    if (!apt('update', '-qq')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
  }
  const found = findBrowser();
  if (found === null)
    throw new Error(
      'No Chromium or Chrome was found, and none could be installed. Install one, or say where it is: CHROME_PATH.',
    );
  return found;
}

const PRESSES_MAX = 15;

/** A key that is pressed before the page listens goes nowhere: it is pressed again, as people do. */
export async function goByKey(page: Page, key: string, url: string): Promise<void> {
  for (let presses = 0; presses < PRESSES_MAX && page.url() !== url; presses += 1) {
    await page.keyboard.press(key);
    await page.waitForURL(url, { timeout: 2000 }).catch(() => {});
  }
  await page.waitForURL(url);
}
