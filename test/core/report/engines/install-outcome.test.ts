import { describe, expect, it } from 'vitest';
import type { EngineVerdict } from '../../../../src/core/engines/engine-verdict.ts';
import type { EngineReport } from '../../../../src/core/protocol/engine/engine-report.ts';
import { installOutcome } from '../../../../src/core/report/engines/install-outcome.ts';

const good: EngineVerdict = {
  starts: true,
  predicts: true,
  trains: true,
  predictSlicesPerSecond: 500,
  trainSlicesPerSecond: 100,
  findings: 'probabilities to 1e-4, losses to 1e-4',
};

function report(verdict: EngineVerdict, chosen: EngineReport['chosen']): EngineReport {
  const engine = (id: EngineReport['reference'], name: string, found: EngineVerdict) => ({
    id,
    name,
    device: null,
    verdict: found,
  });
  return {
    engines: [
      engine('cuda', 'ONNX Runtime CUDA', good),
      engine('tensorflow', 'TensorFlow GPU', verdict),
      engine('cpu', 'ONNX Runtime CPU', good),
    ],
    reference: 'cpu',
    chosen,
  };
}

const cpu = { predict: 'cpu', train: 'cpu' } as const;

describe('what installing TensorFlow has brought', () => {
  it.each([
    [
      good,
      { predict: 'tensorflow', train: 'tensorflow' } as const,
      /agrees with the CPU: "auto" takes it to predict and train\.$/,
    ],
    [good, { predict: 'cpu', train: 'tensorflow' } as const, /"auto" takes it to train\.$/],
    [good, { predict: 'cuda', train: 'cuda' } as const, /"auto" keeps to ONNX Runtime CUDA, which is faster here\.$/],
    [
      good,
      { predict: 'cuda', train: 'cpu' } as const,
      /keeps to ONNX Runtime CUDA and ONNX Runtime CPU, which are faster here\.$/,
    ],
    [{ ...good, trains: false }, cpu, /does not train as it does: "auto" keeps to ONNX Runtime CPU/],
    [
      { ...good, predicts: false, trains: false },
      cpu,
      /other results than the CPU, so it is not used: probabilities to 1e-4/,
    ],
    [
      { ...good, starts: false, predicts: false, trains: false, findings: 'TensorFlow finds no NVIDIA driver' },
      cpu,
      /^TensorFlow is installed, but does not start here: TensorFlow finds no NVIDIA driver\.$/,
    ],
  ])('is one sentence (%#)', (verdict, chosen, sentence) => {
    expect(installOutcome('tensorflow', 'TensorFlow', report(verdict, chosen))).toMatch(sentence);
  });

  it('is said also where the engines do not know of it', () => {
    const { engines, ...rest } = report(good, cpu);
    expect(
      installOutcome('tensorflow', 'TensorFlow', { ...rest, engines: engines.filter(({ id }) => id !== 'tensorflow') }),
    ).toMatch(/reload/);
  });
});
