import type { Rates, Side, Task } from './gpu-sides.ts';
import { tasks } from './gpu-sides.ts';
import { describeRounds, median } from './statistics.ts';

/** What one side made of one network. */
export interface Row {
  readonly side: Side;
  /** Of the network's first level. */
  readonly filters: number;
  readonly rates: readonly Rates[];
  /** Null: all was measured. */
  readonly problem: string | null;
}

/** A markdown table of one line per network and task, and below it what went wrong. */
export function gpuTable(rows: readonly Row[]): string {
  const head = ['', 'WebGPU', 'CUDA', 'PyTorch', 'WebGPU / PyTorch', 'CUDA / PyTorch'];
  const lines = [...new Set(rows.map(({ filters }) => filters))].flatMap((filters) =>
    tasks.map((task) => {
      const [webgpu, cuda, pytorch] = (['webgpu', 'cuda', 'pytorch'] as const).map((side) =>
        fastest(rows, side, filters, task),
      );
      const ratio = (ours: Rates | undefined) =>
        ours && pytorch ? `**${(speedOf(ours) / speedOf(pytorch)).toFixed(2)}**` : '-';
      return [`${task}, f = ${filters}`, cell(webgpu), cell(cuda), cell(pytorch), ratio(webgpu), ratio(cuda)];
    }),
  );
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const problems = rows.flatMap(({ side, filters, problem }) =>
    problem === null ? [] : [`- ${side}, f = ${filters}: ${problem}`],
  );
  return problems.length === 0 ? table : `${table}\n\nNot measured:\n\n${problems.join('\n')}`;
}

function fastest(rows: readonly Row[], side: Side, filters: number, task: Task): Rates | undefined {
  return rows
    .filter((row) => row.side === side && row.filters === filters)
    .flatMap(({ rates }) => rates.filter((each) => each.task === task))
    .sort((a, b) => speedOf(b) - speedOf(a))[0];
}

const speedOf = ({ slicesPerSecond }: Rates): number => median(slicesPerSecond);

function cell(rates: Rates | undefined): string {
  if (rates === undefined) return '-';
  return `${describeRounds(rates.slicesPerSecond)}${rates.layout === '' ? '' : `, ${rates.layout}`}`;
}
