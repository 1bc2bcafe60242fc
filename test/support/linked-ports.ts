import type { MessageChannelPort } from '../../src/core/protocol/endpoint.ts';

/** Two ends of one channel, as a webview has it: messages are copied, keep their order, and arrive later. */
export function linkedPorts(): readonly [MessageChannelPort, MessageChannelPort] {
  const listeners = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const;
  const end = (own: 0 | 1): MessageChannelPort => ({
    post(message) {
      const copy: unknown = structuredClone(message);
      setTimeout(() => {
        for (const receive of [...listeners[1 - own]]) receive(copy);
      });
    },
    listen(receive) {
      listeners[own].add(receive);
      return () => listeners[own].delete(receive);
    },
  });
  return [end(0), end(1)];
}
