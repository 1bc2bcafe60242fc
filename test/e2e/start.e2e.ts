import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/harness/paths.mjs';

let start: ChildProcess | undefined;
afterAll(() => void start?.kill('SIGKILL'));

it('npm start serves VS Code on the demo cohort until Ctrl+C', async () => {
  start = spawn(process.execPath, ['scripts/start.mjs', '--browser', '--port', '0'], { cwd: repositoryRoot });
  const ended = once(start, 'exit');
  const origin = await printedAddress(start);
  expect((await fetch(origin)).status).toBe(200);
  expect(existsSync(join(repositoryRoot, 'demo-cohort'))).toBe(true);

  start.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  await expect(fetch(origin)).rejects.toThrow();
});

async function printedAddress(child: ChildProcess): Promise<string> {
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('The output is not piped.');
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    const address = /http:\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`npm start printed no address:\n${lines.join('\n')}`);
}
