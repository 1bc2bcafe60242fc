import type { MessagePort, Worker } from 'node:worker_threads';
import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';

/**
 * The channel between a worker thread and its owner. Byte arrays that fill their buffer are handed over, not copied:
 * whoever posts one must not use it afterwards.
 */
export function threadPort(port: MessagePort | Worker): MessageChannelPort {
  return {
    post: (message) => port.postMessage(message, buffersIn(message)),
    listen: (receive) => {
      port.on('message', receive);
      return () => port.off('message', receive);
    },
  };
}

/**
 * The buffers of the arrays directly in the `params`, `result` or `payload` of a message, or one level below. Node's
 * pooled buffers are part of a larger one and stay behind.
 */
function buffersIn(message: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (value: unknown, depth: number) => {
    if (value instanceof Uint8Array) {
      const { buffer } = value;
      if (buffer instanceof ArrayBuffer && value.byteLength === buffer.byteLength) found.add(buffer);
    } else if (depth > 0 && typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) look(part, depth - 1);
    }
  };
  look(message, 2);
  return [...found];
}
