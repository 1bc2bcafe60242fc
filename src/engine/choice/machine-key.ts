import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { join } from 'node:path';

/** The name of the processor and of the graphics cards, as far as the system tells them without a driver of ours. */
export interface Hardware {
  readonly cpu: string;
  readonly graphics: readonly string[];
}

export function findHardware(): Hardware {
  return { cpu: `${cpus()[0]?.model.trim() ?? 'processor'}, ${availableParallelism()} cores`, graphics: graphics() };
}

/**
 * All that decides which engine starts, agrees and is fastest: when it changes, the engines are tried again.
 * @param versions of the programs that run networks
 */
export function machineKey(versions: readonly string[]): string {
  const { cpu, graphics: cards } = findHardware();
  const drivers = [...lines('/proc/driver/nvidia/version').slice(0, 1), ...vulkanDrivers()];
  return [platform(), arch(), release(), cpu, ...cards, ...drivers, ...versions].join(' | ');
}

const VENDORS: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

/** Linux says what is plugged in; elsewhere nobody is asked. */
function graphics(): string[] {
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

/** Which Vulkan drivers are installed, as WebGPU finds them. */
function vulkanDrivers(): string[] {
  const named = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES;
  const files =
    named?.split(':') ?? entries('/usr/share/vulkan/icd.d').map((name) => join('/usr/share/vulkan/icd.d', name));
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
