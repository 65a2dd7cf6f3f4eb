// The rows of one data mart as they arrive: bytes, chunks of rows, or rows (contract.md 4.9, 4.10).
import { object } from './checks.js';
import { OWOXApiError } from './errors.js';
import type { Answer } from './transport.js';

/** One row: the selected columns by name. */
export type Row = Record<string, unknown>;

const CUT = 'Failed to read OWOX Data Mart data stream';

/**
 * An open answer with rows. It is read once, in one of its forms, and ends only when the server ended it: a connection
 * that is cut throws, and what came before is incomplete. Leaving a loop early closes the connection.
 */
export class RowStream implements AsyncIterable<Row> {
  /** The server's id of this run. */
  readonly runId: string | undefined;
  readonly #answer: Answer;
  readonly #details: Record<string, unknown>;
  #isTaken = false;
  #isCancelled = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(answer: Answer, details: Record<string, unknown>) {
    this.runId = answer.response.headers.get('x-owox-run-id') ?? undefined;
    this.#answer = answer;
    answer.rest();
    this.#details = this.runId ? { ...details, runId: this.runId } : details;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    return this.rows();
  }

  /** Each row. */
  async *rows(): AsyncGenerator<Row, void, undefined> {
    for await (const rows of this.chunks()) yield* rows;
  }

  /** The rows in the portions in which they arrive: faster than one by one. No portion is empty. */
  async *chunks(): AsyncGenerator<Row[], void, undefined> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    let before = 0;
    for await (const bytes of this.raw()) {
      const text = this.#decoded(decoder, bytes);
      const end = text.lastIndexOf('\n');
      if (end < 0) {
        rest += text;
        continue;
      }
      const { rows, lines } = this.#parsed(rest + text.slice(0, end), before);
      rest = text.slice(end + 1);
      before += lines;
      if (rows.length) yield rows;
    }
    rest += this.#decoded(decoder);
    const { rows } = this.#parsed(rest, before);
    if (rows.length) yield rows;
  }

  /** The NDJSON as it arrives, unparsed. */
  async *raw(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isTaken) throw this.#error('The rows of a stream can be read only once');
    this.#isTaken = true;
    const reader = (this.#reader = this.#answer.response.body?.getReader());
    let part: ReadableStreamReadResult<Uint8Array> | undefined;
    try {
      while ((part = await this.#next(reader)) && !part.done) yield part.value;
    } finally {
      this.#answer.done();
      if (!part?.done) await reader?.cancel().catch(() => undefined);
    }
  }

  /** The rows as a web stream; cancelling it closes the connection. */
  toReadableStream(): ReadableStream<Row> {
    const rows = this.rows();
    return new ReadableStream<Row>({
      async pull(controller) {
        const { done, value } = await rows.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => this.cancel(),
    });
  }

  /** Close the connection, which ends the reading on the server. A loop that is still going on throws. */
  async cancel(): Promise<void> {
    this.#isCancelled = this.#isTaken = true;
    this.#answer.done();
    await (this.#reader ?? this.#answer.response.body)?.cancel().catch(() => undefined);
  }

  async #next(
    reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  ): Promise<ReadableStreamReadResult<Uint8Array> | undefined> {
    this.#answer.touch();
    const part = await reader?.read().catch(() => {
      throw this.#answer.failure() ?? this.#error(CUT);
    });
    this.#answer.rest();
    if (this.#isCancelled) throw this.#error('The stream was cancelled', 'CANCELLED');
    return part;
  }

  #decoded(decoder: TextDecoder, bytes?: Uint8Array): string {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw this.#error('OWOX Data Mart data stream is not UTF-8 text');
    }
  }

  /**
   * Parse whole lines, all at once where that is the same as one by one: each line then begins and ends like an object,
   * and there are as many objects as lines.
   */
  #parsed(text: string, before: number): { rows: Row[]; lines: number } {
    const lines = text.split('\n');
    if (lines.every((line) => line.charCodeAt(0) === 0x7b && line.charCodeAt(line.length - 1) === 0x7d)) {
      try {
        const rows = JSON.parse(`[${lines.join()}]`) as Row[];
        if (rows.length === lines.length) return { rows, lines: lines.length };
      } catch {
        // One of the lines is broken; which one is found below.
      }
    }
    return { rows: this.#oneByOne(lines, before), lines: lines.length };
  }

  #oneByOne(lines: string[], before: number): Row[] {
    const rows: Row[] = [];
    for (const [at, line] of lines.entries()) {
      if (!line || line === '\r') continue;
      const where = { lineNumber: before + at + 1, linePreview: line.slice(0, 200) };
      let row: unknown;
      try {
        row = JSON.parse(line);
      } catch {
        throw this.#error(`Malformed NDJSON line ${where.lineNumber} in OWOX Data Mart data stream`, undefined, where);
      }
      if (!object(row)) throw this.#error(`NDJSON line ${where.lineNumber} is not a JSON object`, undefined, where);
      rows.push(row);
    }
    return rows;
  }

  #error(message: string, code?: string, more: object = {}): OWOXApiError {
    return new OWOXApiError(message, { code, details: { ...this.#details, ...more } });
  }
}
