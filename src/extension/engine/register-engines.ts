import type { Services } from '../services.ts';
import { engineStatusItem } from './engine-status-item.ts';
import { showEngines } from './show-engines.ts';

/** What the user sees and decides of the engines. */
export function registerEngines({ context, engines, command }: Services): void {
  context.subscriptions.push(engineStatusItem(engines));
  command('showEngines', () => showEngines(engines));
}
