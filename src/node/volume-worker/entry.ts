import { parentPort } from 'node:worker_threads';
import { threadPort } from './thread-port.ts';
import { serveVolumes } from './volume-worker.ts';

// The entry of `dist/volume-worker.js`, which `VolumeWorkerClient` starts.
if (!parentPort) throw new Error('The volume worker must be started as a worker thread.');
serveVolumes(threadPort(parentPort), (error) => {
  // A message that breaks the contract is a defect of ours: the thread ends, and the client tells whoever waits.
  setImmediate(() => {
    throw error;
  });
});
