// `npm test`: every check of the project, ending with the line "N passed, N failed".
// `npm test -- --only gates|unit|webgpu|e2e [FILES]` runs a part; `--update-docs-screenshots` renews docs/screenshots/.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Obstacle, run } from './harness/command.mjs';
import { ensureNpmPackages } from './harness/npm-packages.mjs';
import { cacheFolder, foldersWithRules, repositoryRoot, sharedDataFolder } from './harness/paths.mjs';
import { ensurePython } from './harness/python.mjs';
import { hasWebGpu } from './harness/software-vulkan.mjs';

/** Each is one check: it passes when the program ends with 0. Order: what fails fastest first. */
const gates = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-b'] },
  { name: 'format and lint', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'] },
  { name: 'layers', args: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...foldersWithRules] },
  { name: 'unused code', args: ['node_modules/knip/bin/knip.js'] },
  { name: 'build', args: ['esbuild.mjs'] },
];

const parts = /** @type {const} */ (['gates', 'unit', 'webgpu', 'e2e']);
const tally = { passed: 0, failed: 0, skipped: 0 };
/** What failed, by name: told again at the end, because often only the end of a log is kept. */
const failures = /** @type {string[]} */ ([]);

async function runGates() {
  for (const { name, args } of gates) {
    const { exitCode, output } = await run(process.execPath, args, { cwd: repositoryRoot });
    tally[exitCode === 0 ? 'passed' : 'failed'] += 1;
    if (exitCode !== 0) failures.push(name);
    console.log(exitCode === 0 ? `✓ ${name}` : `✗ ${name}\n${output}`);
  }
}

/**
 * Runs a set of test files and counts what its machine-readable report says, not what its summary prints.
 * @param {string} config of vitest
 * @param {string[]} files only these; empty: all
 */
async function runTests(config, files) {
  const report = join(cacheFolder, 'reports', `${config}.json`);
  mkdirSync(join(cacheFolder, 'reports'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { exitCode } = await run(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config', config, ...reporters, ...files],
    { cwd: repositoryRoot, show: true },
  );
  const before = tally.failed;
  if (existsSync(report)) countReport(JSON.parse(readFileSync(report, 'utf8')));
  // The run broke outside of a test (no file found, setup failed, an error that nothing caught).
  if (exitCode !== 0 && tally.failed === before) {
    tally.failed += 1;
    failures.push(`${config}, outside of its tests`);
  }
}

/** @param {{ testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} report */
function countReport(report) {
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map((each) => each.status);
    const failed = statuses.filter((status) => status === 'failed').length;
    tally.passed += statuses.filter((status) => status === 'passed').length;
    // A file that breaks before its first test counts as one failure.
    const path = relative(repositoryRoot, file.name);
    if (failed === 0 && file.status === 'failed') {
      tally.failed += 1;
      failures.push(path);
    } else tally.failed += failed;
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'failed') failures.push(`${path}: ${fullName}`);
      if (status === 'passed' || status === 'failed') continue;
      tally.skipped += 1;
      console.log(`skipped: ${path}: ${fullName}`);
    }
  }
}

/**
 * A driver that cannot be fetched fails the run; only where ONNX Runtime has no WebGPU is there nothing to test.
 * @param {string[]} files only these; empty: all
 */
async function runWebGpuTests(files) {
  if (hasWebGpu()) await runTests('vitest.webgpu.config.mts', files);
  else console.log(`WebGPU is not tested: ONNX Runtime has none for ${process.platform} on ${process.arch}.`);
}

/** Tests may be skipped only for want of the shared volumes. */
function settleSkipped() {
  if (tally.skipped === 0) return;
  if (existsSync(sharedDataFolder)) {
    console.log(`${tally.skipped} skipped although the shared test volumes are here: each counts as failed.`);
    tally.failed += tally.skipped;
  } else {
    console.log(`${tally.skipped} skipped: the shared test volumes are not here (${sharedDataFolder}).`);
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, 'update-docs-screenshots': { type: 'boolean' } },
  });
  const chosen = parts.filter((part) => values.only === undefined || values.only === part);
  if (chosen.length === 0) throw new Obstacle(`--only takes one of ${parts.join(', ')}.`);
  if (values['update-docs-screenshots']) process.env.VOXEL_LOOP_UPDATE_DOCS = '1';

  await ensureNpmPackages();
  if (chosen.includes('gates')) await runGates();
  if (chosen.includes('unit') || chosen.includes('e2e')) process.env.VOXEL_LOOP_PYTHON = await ensurePython();
  if (chosen.includes('unit')) await runTests('vitest.config.mts', positionals);
  if (chosen.includes('webgpu')) await runWebGpuTests(positionals);
  if (chosen.includes('e2e')) await runTests('vitest.e2e.config.mts', positionals);
  settleSkipped();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Obstacle ? error.message : error);
  tally.failed += 1;
}
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
