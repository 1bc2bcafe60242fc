import { arch, availableParallelism, totalmem, type } from 'node:os';

/** "Linux x64, 8 cores, 32 GB, Node 24.1": what a speed or a time is true of. */
export function machineName(): string {
  return `${type()} ${arch()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
}
