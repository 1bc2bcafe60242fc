import { type GenericSchema, safeParse, summarize } from 'valibot';
import { type CancelSignal, CancelSource } from '../cancel.ts';
import { CancelledError, VoxelLoopError } from '../errors.ts';
import type { Contract, EventName, ParamsOf, PayloadOf, ProgressOf, RequestName, ResultOf } from './contract.ts';

/** Any two-way channel that carries structured clones: a webview, a worker thread, a child process. */
export interface MessageChannelPort {
  post(message: unknown): void;
  /** Calls `receive` for every arriving message until the returned function is called. */
  listen(receive: (message: unknown) => void): () => void;
}

/** The other side failed. `code` is the `VoxelLoopError.code` it failed with, or `internal`. */
export class RemoteError extends VoxelLoopError {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The other side is gone (process died, panel closed) before it answered. */
export class DisconnectedError extends VoxelLoopError {
  readonly code = 'disconnected';
}

/**
 * A message did not have the shape that the contract says: our code has a defect, or something foreign is on the
 * channel.
 */
export class ProtocolError extends VoxelLoopError {
  readonly code = 'protocol';
}

export interface RequestContext<Progress> {
  readonly signal: CancelSignal;
  readonly progress: (report: Progress) => void;
}

/** There is one handler for every request of the contract: leaving one out does not compile. */
export type Handlers<C extends Contract> = {
  readonly [M in RequestName<C>]: (
    params: ParamsOf<C, M>,
    context: RequestContext<ProgressOf<C, M>>,
  ) => Promise<ResultOf<C, M>> | ResultOf<C, M>;
} & {
  readonly [E in EventName<C> as `on:${E}`]: (payload: PayloadOf<C, E>) => void;
};

type Wire =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'progress'; readonly id: number; readonly report: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown }
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' };

interface Pending {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((report: unknown) => void) | undefined;
  readonly dispose: () => void;
}

/**
 * One side of a typed conversation over a `MessageChannelPort`. It always answers: with a result, or with an error that
 * keeps its code. When it closes, everything it still waits for is rejected and everything it still does is cancelled.
 */
export class Endpoint<Serves extends Contract, Calls extends Contract> {
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, CancelSource>();
  readonly #unlisten: () => void;
  /**
   * Ids start at random: a webview that VS Code hid and made anew on the same channel must not reuse those of the page
   * before it, whose answers may still come, or a slice would be taken for another one.
   */
  #nextId = Math.floor(Math.random() * 2 ** 48);
  #closed: Error | undefined;

  constructor(
    private readonly port: MessageChannelPort,
    private readonly serves: Serves,
    private readonly handlers: Handlers<Serves>,
    private readonly calls: Calls,
    /** Is told of messages that break the contract and of failures that are not `VoxelLoopError`s. */
    private readonly onDefect: (error: Error) => void,
  ) {
    this.#unlisten = port.listen((message) => this.#receive(message));
  }

  /**
   * @throws RemoteError with the code of the other side's error
   * @throws CancelledError
   * @throws DisconnectedError
   */
  request<M extends RequestName<Calls>>(
    method: M,
    params: ParamsOf<Calls, M>,
    options: {
      readonly signal?: CancelSignal | undefined;
      readonly onProgress?: (report: ProgressOf<Calls, M>) => void;
    } = {},
  ): Promise<ResultOf<Calls, M>> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (options.signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.#nextId++;
    return new Promise<ResultOf<Calls, M>>((resolve, reject) => {
      const cancel = () => this.#post({ kind: 'cancel', id });
      options.signal?.addEventListener('abort', cancel);
      this.#pending.set(id, {
        method,
        resolve: (result) => resolve(result as ResultOf<Calls, M>),
        reject,
        onProgress: options.onProgress as ((report: unknown) => void) | undefined,
        dispose: () => options.signal?.removeEventListener('abort', cancel),
      });
      this.#post({ kind: 'request', id, method, params });
    });
  }

  emit<E extends EventName<Calls>>(name: E, payload: PayloadOf<Calls, E>): void {
    if (!this.#closed) this.#post({ kind: 'event', name, payload });
  }

  /** Asks the other side for a sign of life: it posts an answer at once, whatever it works on for us. */
  ping(): void {
    if (!this.#closed) this.#post({ kind: 'ping' });
  }

  /** Rejects what is pending with `reason` and cancels what runs. A second call does nothing. */
  close(reason: Error = new DisconnectedError('The connection was closed. Try again.')): void {
    if (this.#closed) return;
    this.#closed = reason;
    this.#unlisten();
    for (const pending of this.#pending.values()) {
      pending.dispose();
      pending.reject(reason);
    }
    this.#pending.clear();
    for (const source of this.#running.values()) source.cancel();
    this.#running.clear();
  }

  #post(message: Wire): void {
    this.port.post(message);
  }

  #receive(message: unknown): void {
    if (!isWire(message)) return;
    switch (message.kind) {
      case 'request':
        void this.#serve(message.id, message.method, message.params);
        return;
      case 'cancel':
        this.#running.get(message.id)?.cancel();
        return;
      case 'event':
        this.#dispatch(message.name, message.payload);
        return;
      case 'ping':
        this.#post({ kind: 'pong' });
        return;
      case 'pong':
        return;
      default:
        this.#settle(message);
    }
  }

  async #serve(id: number, method: string, params: unknown): Promise<void> {
    const source = new CancelSource();
    this.#running.set(id, source);
    try {
      const schema = Object.hasOwn(this.serves.requests, method) ? this.serves.requests[method] : undefined;
      if (!schema) throw new ProtocolError(`Unknown request "${method}".`);
      const checked = check(schema.params, params, `parameters of "${method}"`);
      const handler = this.handlers[method as RequestName<Serves>] as (
        params: unknown,
        context: RequestContext<unknown>,
      ) => unknown;
      const result = await handler(checked, {
        signal: source.signal,
        progress: (report) => {
          if (!this.#closed) this.#post({ kind: 'progress', id, report });
        },
      });
      if (!this.#closed) this.#post({ kind: 'result', id, result });
    } catch (error) {
      if (!(error instanceof VoxelLoopError)) this.onDefect(asError(error));
      const code = error instanceof VoxelLoopError ? error.code : 'internal';
      if (!this.#closed) this.#post({ kind: 'error', id, code, message: asError(error).message });
    } finally {
      this.#running.delete(id);
    }
  }

  #settle(message: Extract<Wire, { kind: 'progress' | 'result' | 'error' }>): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    const schema = this.calls.requests[pending.method];
    if (message.kind === 'progress') {
      if (!schema.progress) return;
      try {
        pending.onProgress?.(check(schema.progress, message.report, `progress of "${pending.method}"`));
      } catch (error) {
        this.onDefect(asError(error));
      }
      return;
    }
    this.#pending.delete(message.id);
    pending.dispose();
    if (message.kind === 'error') {
      pending.reject(
        message.code === 'cancelled' ? new CancelledError() : new RemoteError(message.code, message.message),
      );
      return;
    }
    try {
      pending.resolve(check(schema.result, message.result, `result of "${pending.method}"`));
    } catch (error) {
      pending.reject(asError(error));
    }
  }

  #dispatch(name: string, payload: unknown): void {
    try {
      const schema = Object.hasOwn(this.serves.events, name) ? this.serves.events[name] : undefined;
      if (!schema) throw new ProtocolError(`Unknown event "${name}".`);
      const handler = (this.handlers as Record<string, (payload: unknown) => void>)[`on:${name}`];
      handler(check(schema, payload, `payload of "${name}"`));
    } catch (error) {
      this.onDefect(asError(error));
    }
  }
}

function check(schema: GenericSchema, value: unknown, what: string): unknown {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new ProtocolError(`The ${what} had an unexpected shape.`, { cause: summarize(parsed.issues) });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const WIRE_KINDS = new Set(['request', 'cancel', 'progress', 'result', 'error', 'event', 'ping', 'pong']);

function isWire(message: unknown): message is Wire {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    typeof message.kind === 'string' &&
    WIRE_KINDS.has(message.kind)
  );
}
