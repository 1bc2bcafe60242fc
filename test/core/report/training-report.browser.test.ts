import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureChromium } from '../../../scripts/harness/chromium.mjs';
import { trainingReportHtml } from '../../../src/core/report/training-report-html.ts';
import { sampleReport } from './sample-report.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = resolve(import.meta.dirname, '../../../.e2e/screenshots/report');
const ATTACK = `<img src=x onerror="window.attacked = true"><script>window.attacked = true</script>`;

let browser: Browser;
let folder = '';
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'voxel-loop-report-'));
  browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the training report in a browser', () => {
  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['dark', 420],
  ] as const)(
    'has no accessibility violation, complaint or sideways scrolling (%s, %d pixels)',
    async (colorScheme, width) => {
      const file = join(folder, 'report.html');
      writeFileSync(file, trainingReportHtml(sampleReport({ caseId: ATTACK, label: ATTACK })));
      // The page forbids scripts, and so it would forbid axe.
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      const page = await context.newPage();
      const complaints: string[] = [];
      const requested: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => requested.push(request.url().slice(0, 30)));
      await page.goto(pathToFileURL(file).href);
      await page.screenshot({ path: join(screenshots, `${colorScheme}-${width}.png`), fullPage: true });
      expect(complaints).toEqual([]);
      expect(requested.filter((url) => !url.startsWith('data:image/png'))).toHaveLength(1);
      await page.evaluate(axeSource);
      const found = await page.evaluate(async () => {
        const page = window as unknown as {
          attacked?: boolean;
          axe: {
            run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
          };
        };
        const { violations } = await page.axe.run();
        return {
          violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`),
          attacked: page.attacked ?? false,
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          pictures: [...document.images].map((image) => image.naturalWidth > 100),
        };
      });
      expect(found).toEqual({ violations: [], attacked: false, overflow: 0, pictures: [true] });
      await context.close();
    },
  );
});
