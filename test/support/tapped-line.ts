import type { MessageChannelPort } from '../../src/core/protocol/endpoint.ts';

/** A request as it stands on the line. */
interface RequestOnLine {
  readonly kind: 'request';
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

interface Answer {
  readonly kind: 'result';
  readonly id: number;
  readonly result: unknown;
}

/**
 * The line from a page to its host, which a test may listen in on, hold up, or answer on in the place of the host. The host itself
 * knows nothing of it.
 */
export class TappedLine implements MessageChannelPort {
  readonly #heard: RequestOnLine[] = [];
  readonly #events: string[] = [];
  #held: { readonly methods: ReadonlySet<string>; readonly waiting: (() => void)[] } | undefined;
  #before: { readonly method: string; readonly act: () => unknown } | undefined;
  #refusal: { readonly method: string; readonly code: string; readonly message: string } | undefined;

  #change: { readonly method: string; readonly change: (result: unknown) => unknown; left: number } | undefined;

  /** Answers to requests of this method leave only when `until` has ended. */
  delay: { readonly method: string; readonly until: () => Promise<void> } | undefined;

  constructor(private readonly port: MessageChannelPort) {}

  post(message: unknown): void {
    const { delay } = this;
    const posted = isAnswer(message) ? this.#changed(message) : message;
    if (!delay || !isAnswer(posted) || !this.#isAbout(posted, delay.method)) this.port.post(posted);
    else void delay.until().then(() => this.port.post(posted));
  }

  listen(receive: (message: unknown) => void): () => void {
    return this.port.listen((message) => {
      if (isRequest(message)) return this.#hear(message, () => receive(message));
      if (isEvent(message)) this.#events.push(message.name);
      receive(message);
    });
  }

  /** What a page has asked, as `params`, oldest first. */
  asked<Params>(method: string): Params[] {
    return this.#heard.filter((request) => request.method === method).map(({ params }) => params as Params);
  }

  /** How often a page has told of this. */
  eventCount(name: string): number {
    return this.#events.filter((each) => each === name).length;
  }

  /** Requests of these methods do not arrive until `release`. */
  hold(...methods: string[]): void {
    this.#held = { methods: new Set(methods), waiting: this.#held?.waiting ?? [] };
  }

  release(): void {
    const waiting = this.#held?.waiting ?? [];
    this.#held = undefined;
    for (const arrive of waiting) arrive();
  }

  /** What happens, and ends, while the next request of this method is on its way. */
  beforeNext(method: string, act: () => unknown): void {
    this.#before = { method, act };
  }

  /** The next request of this method is answered with an error, and the host hears nothing of it. */
  refuseNext(method: string, code: string, message: string): void {
    this.#refusal = { method, code, message };
  }

  /** The next answers to requests of this method, `times` of them, say something else. */
  changeNext(method: string, times: number, change: (result: unknown) => unknown): void {
    this.#change = { method, change, left: times };
  }

  #changed(answer: Answer): Answer {
    const change = this.#change;
    if (!change || change.left === 0 || !this.#isAbout(answer, change.method)) return answer;
    change.left--;
    return { ...answer, result: change.change(answer.result) };
  }

  #isAbout(answer: { readonly id: number }, method: string): boolean {
    return this.#heard.some((request) => request.id === answer.id && request.method === method);
  }

  #hear(request: RequestOnLine, arrive: () => void): void {
    this.#heard.push(request);
    const { method, id } = request;
    if (this.#refusal?.method === method) {
      const { code, message } = this.#refusal;
      this.#refusal = undefined;
      this.port.post({ kind: 'error', id, code, message });
    } else if (this.#before?.method === method) {
      const { act } = this.#before;
      this.#before = undefined;
      void Promise.resolve(act()).then(arrive);
    } else if (this.#held?.methods.has(method)) this.#held.waiting.push(arrive);
    else arrive();
  }
}

function isRequest(message: unknown): message is RequestOnLine {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'request';
}

function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'result';
}

function isEvent(message: unknown): message is { readonly name: string } {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'event';
}
