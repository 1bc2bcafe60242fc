import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const MIB = 2 ** 20;
/** A driver that hangs must not keep a network from running. */
const PATIENCE_MS = 3000;

/**
 * Memory of the graphics card, in bytes: as NVIDIA's driver or Linux's for AMD tells; of Apple's, which share the main memory, a part of that.
 * Of several cards the least, because which one will compute is the runtime's choice. All of it, not what is free now: plans that are
 * made from it should be the same tomorrow. Undefined: nobody says.
 *
 * @param drm where Linux lists graphics cards
 */
export async function deviceMemory(drm = '/sys/class/drm'): Promise<number | undefined> {
  if (process.platform === 'darwin') return totalmem() / 2;
  const found = [...(await nvidia()), ...(await amd(drm))];
  return found.length === 0 ? undefined : Math.min(...found);
}

async function nvidia(): Promise<number[]> {
  const asked = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
  const { stdout } = await promisify(execFile)('nvidia-smi', asked, { timeout: PATIENCE_MS }).catch(() => ({
    stdout: '',
  }));
  return stdout.split('\n').flatMap((line) => (/^\s*\d+\s*$/.test(line) ? [Number(line) * MIB] : []));
}

async function amd(drm: string): Promise<number[]> {
  const cards = (await readdir(drm).catch(() => [])).filter((name) => /^card\d+$/.test(name));
  const sizes = cards.map(async (card) =>
    Number(await readFile(join(drm, card, 'device', 'mem_info_vram_total'), 'utf8')),
  );
  const known = await Promise.allSettled(sizes);
  return known.flatMap((each) => (each.status === 'fulfilled' && each.value > 0 ? [each.value] : []));
}
