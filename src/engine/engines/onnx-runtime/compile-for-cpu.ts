import { readModelWeights } from '../../../core/net/onnx/read-model.ts';
import { predictModel, readNetworkDescription } from '../../../core/net/predict-model.ts';
import { canUseBlocks } from '../../../core/net/unet.ts';
import { channelBlock } from './channel-block.ts';
import type { OnnxRuntime } from './load-runtime.ts';

/**
 * Makes a prediction graph as this processor likes it, from a model file as it is stored. The file is for every
 * runtime; where its network has a first level of so few channels that four pixels' worth fit into one block of the
 * kernels' registers, it is compiled anew from its description and weights with that level in 2x2 blocks (measured with
 * AVX-512 and f = 4: a sixth less time). The results agree to rounding.
 *
 * @throws ModelFormatError if it is not an ONNX model
 */
export async function compileForCpu(runtime: OnnxRuntime, model: Uint8Array): Promise<Uint8Array> {
  const description = readNetworkDescription(model);
  if (description === undefined || !canUseBlocks(description)) return model;
  // The kernels are asked about only where it matters; with blocks of 8 the detour costs more arithmetic than it saves.
  if (4 * description.baseFilters > widestBlock || (await channelBlock(runtime)) < widestBlock) return model;
  return predictModel(description, readModelWeights(model), { firstLevel: 'blocks', target: 'cpu' });
}

const widestBlock = 16;
