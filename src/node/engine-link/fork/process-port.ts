import type { MessageChannelPort } from '../../../core/protocol/endpoint.ts';

/** `ChildProcess` (seen from the parent) and `process` (seen from the child) have this in common. */
interface MessagingProcess {
  readonly connected?: boolean;
  send?: ((message: object, callback: (error: Error | null) => void) => boolean) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Node's IPC channel as a port. Messages travel as JSON. A message to a process that is gone is dropped: the exit
 * closes the endpoint and rejects what is pending.
 */
export function processPort(process: MessagingProcess): MessageChannelPort {
  return {
    post(message) {
      if (process.connected) process.send?.(message as object, () => undefined);
    },
    listen(receive) {
      process.on('message', receive);
      return () => process.off('message', receive);
    },
  };
}
