import { parentPort, workerData } from 'node:worker_threads';
import { threadPort } from '../../node/volume-worker/thread-port.ts';
import type { LoaderData } from './loader-contract.ts';
import { serveLoader } from './loader-worker.ts';

// The entry of `dist/loader-worker.js`, started by `LoaderPool`.
if (!parentPort) throw new Error('The loader must be started as a worker thread.');
serveLoader(threadPort(parentPort), workerData as LoaderData, (error) => {
  // A defect of ours: end the thread, and the pool tells whoever waits.
  setImmediate(() => {
    throw error;
  });
});
