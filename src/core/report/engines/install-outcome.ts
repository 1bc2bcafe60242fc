import type { EngineId } from '../../engines/engine-id.ts';
import type { EngineReport } from '../../protocol/engine/engine-report.ts';

/**
 * Says in one sentence what installing an engine's package has brought.
 * @param title what the engine is called
 * @param report made after the installation, with all engines tried anew
 */
export function installOutcome(id: EngineId, title: string, { engines, chosen }: EngineReport): string {
  const nameOf = (wanted: string) => engines.find((each) => each.id === wanted)?.name ?? wanted;
  const found = engines.find((each) => each.id === id);
  if (!found) return `${title} is installed, but this window does not find it: reload the window.`;
  const { name, verdict } = found;
  if (!verdict.starts) return `${title} is installed, but does not start here: ${verdict.findings}.`;
  if (!verdict.predicts) {
    return `${name} is installed, but computes other results than the CPU, so it is not used: ${verdict.findings}.`;
  }
  const uses = (['predict', 'train'] as const).filter((use) => chosen[use] === id);
  if (uses.length > 0) return `${name} is installed and agrees with the CPU: "auto" takes it to ${uses.join(' and ')}.`;
  const others = [...new Set([nameOf(chosen.predict), nameOf(chosen.train)])].join(' and ');
  const agrees = verdict.trains ? 'agrees with the CPU' : 'predicts what the CPU does, but does not train as it does';
  return `${name} is installed and ${agrees}: "auto" keeps to ${others}, which ${others.includes(' and ') ? 'are' : 'is'} faster here.`;
}
