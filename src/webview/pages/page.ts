import type { MessageChannelPort } from '../../core/protocol/endpoint.ts';

/** An element that fills a tab of its own and talks to the extension host by itself (see `SinglePage` there). */
export interface Page {
  port: MessageChannelPort | undefined;
}
