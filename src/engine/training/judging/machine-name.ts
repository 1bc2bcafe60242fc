import { arch, availableParallelism, totalmem, type } from 'node:os';

/** Names the machine that a speed or a time is true of: "Linux x64, 8 cores, 32 GB, Node 24.1". */
export function machineName(): string {
  return `${type()} ${arch()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
}
