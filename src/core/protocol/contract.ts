import type { GenericSchema, InferOutput } from 'valibot';

/** One request: what is asked, what is answered, and what is reported meanwhile. */
export interface RequestSchema {
  readonly params: GenericSchema;
  readonly result: GenericSchema;
  readonly progress?: GenericSchema;
}

/**
 * One direction of a conversation: the requests that a side answers and the events that it may be told.
 * Every message is checked against its schema when it arrives.
 */
export interface Contract {
  readonly requests: Readonly<Record<string, RequestSchema>>;
  readonly events: Readonly<Record<string, GenericSchema>>;
}

export type RequestName<C extends Contract> = keyof C['requests'] & string;
export type EventName<C extends Contract> = keyof C['events'] & string;

export type ParamsOf<C extends Contract, M extends RequestName<C>> = InferOutput<C['requests'][M]['params']>;
export type ResultOf<C extends Contract, M extends RequestName<C>> = InferOutput<C['requests'][M]['result']>;
export type ProgressOf<
  C extends Contract,
  M extends RequestName<C>,
> = C['requests'][M]['progress'] extends GenericSchema ? InferOutput<C['requests'][M]['progress']> : never;
export type PayloadOf<C extends Contract, E extends EventName<C>> = InferOutput<C['events'][E]>;
