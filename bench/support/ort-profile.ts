import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** One operator type's share of the time. */
export interface OperatorTime {
  readonly operator: string;
  readonly milliseconds: number;
  readonly calls: number;
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * Sums the kernel times in ONNX Runtime's profiles, by operator type, the slowest first, and deletes the files.
 * @param prefix the prefix that the session was given
 */
export function readProfile(prefix: string): OperatorTime[] {
  const folder = path.dirname(prefix);
  const files = readdirSync(folder).filter((file) => file.startsWith(path.basename(prefix)));
  const totals = new Map<string, { milliseconds: number; calls: number }>();
  for (const file of files) {
    const events = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as TraceEvent[];
    for (const event of events) {
      if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time') || event.args?.op_name === undefined) continue;
      const total = totals.get(event.args.op_name) ?? { milliseconds: 0, calls: 0 };
      total.milliseconds += event.dur / 1000;
      total.calls++;
      totals.set(event.args.op_name, total);
    }
    rmSync(path.join(folder, file));
  }
  return [...totals]
    .map(([operator, total]) => ({ operator, ...total }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
