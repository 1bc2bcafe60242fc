import type { EngineReport } from '../../protocol/engine/engine-report.ts';

/** What is known of one engine, in words for a row of a table. */
export interface EngineFacts {
  readonly id: EngineReport['engines'][number]['id'];
  readonly name: string;
  readonly device: string | null;
  readonly starts: string;
  /** Says whether it computes what the CPU computes. */
  readonly agrees: string;
  /** The number of slices per second. */
  readonly predicts: string;
  readonly trains: string;
  /** Says what `auto` takes it for: "predict and train", or nothing. */
  readonly use: string;
  readonly findings: string;
}

export function engineFacts({ engines, reference, chosen }: EngineReport): EngineFacts[] {
  return engines.map(({ id, name, device, verdict }) => {
    const uses = (['predict', 'train'] as const).filter((use) => chosen[use] === id);
    const agrees = verdict.trains ? 'yes' : verdict.predicts ? 'predicting' : 'no';
    return {
      id,
      name,
      device,
      findings: verdict.findings,
      starts: verdict.starts ? 'yes' : 'no',
      agrees: id === reference ? 'reference' : verdict.starts ? agrees : '-',
      predicts: speed(verdict.predictSlicesPerSecond),
      trains: speed(verdict.trainSlicesPerSecond),
      use: uses.join(' and '),
    };
  });
}

function speed(slicesPerSecond: number | null): string {
  if (slicesPerSecond === null) return '-';
  return slicesPerSecond < 10 ? slicesPerSecond.toFixed(1) : slicesPerSecond.toFixed(0);
}
