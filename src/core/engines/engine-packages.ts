import type { EnginePackage } from './engine-entry.ts';
import type { EngineId } from './engine-id.ts';
import { engines } from './registry.ts';

/** An engine whose package the user has to install. */
type PackagedEngine = Extract<(typeof engines)[number], { readonly package: EnginePackage }>;
export type PackagedEngineId = PackagedEngine['id'];

export const packagedEngines: readonly PackagedEngine[] = engines.filter((entry) => 'package' in entry);

/** The folders where packages of engines lie: an engine without a folder is not installed. */
export type EngineFolders = Readonly<Partial<Record<EngineId, string>>>;
