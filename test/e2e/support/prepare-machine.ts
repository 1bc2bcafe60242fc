import type { TestProject } from 'vitest/node';
import { buildAll } from '../../../esbuild.mjs';
import { ensureChromium } from '../../../scripts/harness/chromium.mjs';
import { type CodeServer, ensureCodeServer } from '../../../scripts/harness/code-server.mjs';
import { ensurePython } from '../../../scripts/harness/python.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    codeServer: CodeServer;
    chromium: string;
    python: string;
  }
}

/** Runs once before the E2E files: what they need is installed, and dist/ is what the sources say. */
export default async function prepareMachine(project: TestProject): Promise<void> {
  await buildAll();
  project.provide('codeServer', await ensureCodeServer());
  project.provide('chromium', await ensureChromium());
  project.provide('python', await ensurePython());
}
