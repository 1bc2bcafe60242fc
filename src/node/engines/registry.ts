import type { EngineId } from '../../core/engines/engine-id.ts';
import type { EngineInstaller } from './engine-installer.ts';
import { tensorFlowInstaller } from './tensorflow/tensorflow-installer.ts';

/** These install the packages of engines that need one. */
export const engineInstallers: Readonly<Partial<Record<EngineId, EngineInstaller>>> = {
  tensorflow: tensorFlowInstaller,
};
