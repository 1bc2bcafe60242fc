import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Counts how many nodes of graphs each execution provider of ONNX Runtime ran, and names the operators of those outside
 * of WebGPU.
 */
export interface NodePlacement {
  readonly counts: Readonly<Record<string, number>>;
  readonly elsewhere: readonly string[];
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const webGpu = 'WebGpuExecutionProvider';

/**
 * Reads the placement from the runtime's own records of the runs of one session or several. A copy between processor
 * and device that the runtime put in is a node too ("MemcpyToHost").
 * @param profilePrefix the one that the sessions were given; they must have been released
 */
export function nodePlacement(profilePrefix: string): NodePlacement {
  const counts: Record<string, number> = {};
  const elsewhere: string[] = [];
  for (const { cat, name, args } of events(profilePrefix)) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const { op_name: operator = name, provider = 'unknown' } = args ?? {};
    counts[provider] = (counts[provider] ?? 0) + 1;
    if (provider !== webGpu || operator.startsWith('Memcpy')) elsewhere.push(operator);
  }
  return { counts, elsewhere };
}

function events(prefix: string): TraceEvent[] {
  const folder = dirname(prefix);
  return readdirSync(folder)
    .filter((file) => file.startsWith(basename(prefix)))
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[]);
}
