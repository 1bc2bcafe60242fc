import { ensureSoftwareVulkan } from '../../scripts/harness/software-vulkan.mjs';

/** Runs once before the processes of the tests are started: they find the driver, however vitest was started. */
export default async function softwareVulkan(): Promise<void> {
  Object.assign(process.env, await ensureSoftwareVulkan());
}
