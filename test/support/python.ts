import { execFileSync } from 'node:child_process';

/**
 * What a Python script prints as JSON. The Python is `VOXEL_LOOP_PYTHON` or `python3` and must have nibabel; without one
 * the test fails.
 */
export function runPython<Result>(script: string, input: unknown): Result {
  const python = process.env.VOXEL_LOOP_PYTHON ?? 'python3';
  const output = execFileSync(python, ['-W', 'ignore', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return JSON.parse(output) as Result;
}
