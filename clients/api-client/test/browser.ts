// The system's Chromium, driven by Playwright.
import { existsSync } from 'node:fs';

import { chromium, type Browser } from 'playwright-core';

const PROGRAMS = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** Start it without a window. */
export function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PROGRAMS.find((path) => existsSync(path));
  if (!executablePath) throw new Error(`No Chromium among ${PROGRAMS.join(', ')}; name one in CHROMIUM`);
  return chromium.launch({ executablePath, args: FLAGS });
}
