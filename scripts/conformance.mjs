// `npm run conformance`: reads the conformance files and checks docs/conformance.md; `-- --write` renews that page.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { repositoryRoot } from './harness/paths.mjs';
import { ensurePython } from './harness/python.mjs';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/conformance', ...(values.write ? ['--update'] : [])],
  { cwd: repositoryRoot, stdio: 'inherit', env: { ...process.env, VOXEL_LOOP_PYTHON: await ensurePython() } },
);
process.exitCode = status ?? 1;
