import type { EngineInstaller } from '../engine-installer.ts';
import { hasTensorFlowGpuBuild, installTensorFlow, tensorFlowPackage } from './install-tensorflow.ts';

const { name, version } = tensorFlowPackage;

export const tensorFlowInstaller: EngineInstaller = {
  get obstacle() {
    return hasTensorFlowGpuBuild()
      ? undefined
      : `TensorFlow's GPU engine (${name}) exists for Linux x64 and Windows x64 only: Show Engines lists what this machine can run.`;
  },
  question: 'Install TensorFlow GPU Engine?',
  explanation: (folder) =>
    `npm downloads ${name} ${version} and, from Google, libtensorflow 2.9.1: several hundred megabytes, which take more than a gigabyte on the disk, in ${folder}.

It computes on NVIDIA GPUs alone and needs CUDA 11.2 and cuDNN 8.1, which you install yourself. Afterwards all engines of this machine are tried anew.`,
  progressTitle: 'Voxel Loop: installing TensorFlow',
  install: installTensorFlow,
};
