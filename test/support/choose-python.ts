import { findPython } from '../../scripts/harness/python.mjs';

/** Runs once before the tests: those that compare with nibabel find a Python that has it, however vitest was started. */
export default async function choosePython(): Promise<void> {
  const python = await findPython();
  if (python !== undefined) process.env.VOXEL_LOOP_PYTHON = python;
}
