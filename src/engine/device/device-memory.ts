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
 * A card that is part of the processor sets aside no more than that for itself in most computers. WebGPU is asked for
 * the card of high performance, so one like that computes only where there is no other.
 */
const INTEGRATED_BYTES = 2 * 2 ** 30;

/**
 * Returns the memory of the graphics card, in bytes: as NVIDIA's driver or Linux's for AMD tells; Apple's share the
 * main memory, so a part of that counts. Of several cards it takes the one with the least, because which one will
 * compute is the runtime's choice; but a card of the processor's own counts only where there is no other. It is all of
 * the memory, not what is free now: plans that are made from it should be the same tomorrow. It is undefined where
 * nobody says.
 *
 * @param cards the cards that the runtime can compute on: those of `nvidia` alone (CUDA), or of anybody
 * @param drm where Linux lists graphics cards
 */
export async function deviceMemory(cards: 'nvidia' | 'any', drm = '/sys/class/drm'): Promise<number | undefined> {
  if (process.platform === 'darwin') return totalmem() / 2;
  const found = [...(await nvidia()), ...(cards === 'any' ? await amd(drm) : [])];
  if (found.length === 0) return undefined;
  const ownCards = found.filter((bytes) => bytes > INTEGRATED_BYTES);
  return Math.min(...(ownCards.length > 0 ? ownCards : found));
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
