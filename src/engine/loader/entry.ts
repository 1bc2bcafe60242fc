import { parentPort, workerData } from 'node:worker_threads';
import { threadPort } from '../../node/volume-worker/thread-port.ts';
import type { LoaderData } from './loader-contract.ts';
import { serveLoader } from './loader-worker.ts';

// This is the entry of `dist/loader-worker.js`, which `LoaderPool` starts.
if (!parentPort) throw new Error('The loader must be started as a worker thread.');
serveLoader(threadPort(parentPort), workerData as LoaderData, (error) => {
  // This is a defect of ours: the thread ends, and the pool tells whoever waits.
  setImmediate(() => {
    throw error;
  });
});
