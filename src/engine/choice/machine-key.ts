import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, homedir, platform, release } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { windowsDisplayAdapters } from './windows-display-adapters.ts';

/** The name of the processor and of the graphics cards, as far as the system tells them without a driver of ours. */
export interface Hardware {
  readonly cpu: string;
  readonly graphics: readonly string[];
}

export function findHardware(): Hardware {
  return { cpu: `${cpus()[0]?.model.trim() ?? 'processor'}, ${availableParallelism()} cores`, graphics: graphics() };
}

/**
 * Joins all that decides which engine starts, agrees and is fastest: when it changes, the engines are tried again.
 * @param versions of the programs that run networks
 */
export function machineKey(versions: readonly string[]): string {
  const { cpu, graphics: cards } = findHardware();
  // Apple's drivers come with the system, whose release is named anyway.
  const drivers =
    platform() === 'win32'
      ? windowsDisplayAdapters().map(({ driverVersion }) => driverVersion)
      : [...lines('/proc/driver/nvidia/version').slice(0, 1), ...vulkanDrivers()];
  return [platform(), arch(), release(), cpu, ...cards, ...drivers, ...versions].join(' | ');
}

const VENDORS: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

function graphics(): string[] {
  if (platform() === 'win32') return windowsDisplayAdapters().map(({ name }) => name);
  // One chip is both processor and graphics card.
  if (platform() === 'darwin' && arch() === 'arm64') return [cpus()[0]?.model.trim() ?? 'Apple'];
  const nvidia = entries('/proc/driver/nvidia/gpus').flatMap((gpu) =>
    lines(join('/proc/driver/nvidia/gpus', gpu, 'information')).flatMap(
      (line) => /^Model:\s+(.+)$/.exec(line)?.[1] ?? [],
    ),
  );
  if (nvidia.length > 0) return nvidia;
  return entries('/sys/class/drm')
    .filter((name) => /^card\d+$/.test(name))
    .flatMap((card) => {
      const [vendor] = lines(join('/sys/class/drm', card, 'device/vendor'));
      const [device] = lines(join('/sys/class/drm', card, 'device/device'));
      return vendor === undefined ? [] : [`${VENDORS[vendor] ?? vendor} ${device ?? ''}`.trim()];
    });
}

/** Vulkan's loader looks for drivers here on Linux (its LoaderInterfaceArchitecture, "Driver Discovery"). */
const VULKAN_FOLDERS = ['/etc', '/usr/local/share', '/usr/share', join(homedir(), '.local/share')];

/** Lists which Vulkan drivers are installed, as WebGPU finds them. */
function vulkanDrivers(): string[] {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const files =
    named?.split(':') ??
    VULKAN_FOLDERS.map((folder) => join(folder, 'vulkan/icd.d')).flatMap((folder) =>
      entries(folder).map((name) => join(folder, name)),
    );
  return files.filter((file) => existsSync(file)).flatMap((file) => [file, lines(file).join('')]);
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
