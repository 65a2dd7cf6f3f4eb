// Calls whose answers are checked: JSON of a shape, text, or rows.
import { type Check, list, shape } from './checks.js';
import { controlsQuery, type RowControls } from './controls.js';
import { OWOXApiError } from './errors.js';
import { RowStream } from './rows.js';
import type { Answer, Query, Transport, TransportRequest } from './transport.js';

/** Ends one call early. */
export interface Abortable {
  signal?: AbortSignal | undefined;
}

const NDJSON = 'application/x-ndjson';

/** A transport with the checks of the client on top. */
export class Wire {
  constructor(readonly transport: Transport) {}

  /** The JSON of an answer; nothing for one without a body. */
  async json(request: TransportRequest): Promise<unknown> {
    const answer = await this.transport.send(request);
    const text = await answer.text();
    if (!text) return undefined;
    try {
      if (/application\/json/i.test(mediaType(answer))) return JSON.parse(text);
    } catch {
      // Said below.
    }
    throw new OWOXApiError('OWOX API answered with something other than JSON', {
      status: answer.response.status,
      details: { contentType: mediaType(answer), preview: text.slice(0, 200) },
    });
  }

  /** The JSON of an answer that has a shape; `what` is the kind of answer in the error of one that has not. */
  async checked<T>(what: string, check: Check, request: TransportRequest): Promise<T> {
    const body = await this.json(request);
    if (check(body)) return body as T;
    throw new OWOXApiError(`OWOX ${what} API returned an unexpected response shape`, { details: body });
  }

  /** The same of a `GET`; `query` may hold the call's signal too, which is no part of it. */
  get<T>(what: string, check: Check, path: string, { signal }: Abortable = {}, query?: object): Promise<T> {
    return this.checked(what, check, { method: 'GET', path, query: { ...query, signal: null } as Query, signal });
  }

  /** The list that is the one member of an answer. */
  async list<T>(what: string, member: string, item: Check, path: string, options?: Abortable, query?: object): Promise<T[]> {
    const body = await this.get<Record<string, T[]>>(what, shape({ [member]: list(item) }), path, options, query);
    return body[member]!;
  }

  /** A `POST` of JSON. */
  posting(path: string, body: unknown, { signal }: Abortable = {}): TransportRequest {
    return { method: 'POST', path, body, signal };
  }

  /** The text of an answer. */
  async text(request: TransportRequest): Promise<string> {
    return (await this.transport.send(request)).text();
  }

  /** The rows of a data mart or a report. */
  rows(what: string, options: RowControls & Abortable, details: Record<string, unknown>, anyType?: boolean): Promise<RowStream> {
    const path = `/api/external/http-data/${what}.ndjson`;
    return this.stream({ method: 'GET', path, query: controlsQuery(options), signal: options.signal }, details, anyType);
  }

  /** Rows; `details` goes into the errors of the stream. `anyType` takes them whatever they are labelled as. */
  async stream(request: TransportRequest, details: Record<string, unknown>, anyType = false): Promise<RowStream> {
    const answer = await this.transport.send({ ...request, accept: NDJSON }).catch((error: unknown) => {
      if (error instanceof OWOXApiError) Object.assign(error, { details: { ...details, ...(error.details as object) } });
      throw error;
    });
    const stream = new RowStream(answer, details);
    const { status } = answer.response;
    const isWhole = status === 200; // 206 is a part, 204 nothing at all.
    if (isWhole && (anyType || /^application\/x-ndjson *(;|$)/i.test(mediaType(answer)))) return stream;
    await stream.cancel();
    throw new OWOXApiError(`OWOX Data Mart data stream has an unexpected ${isWhole ? 'content type' : 'status'}`, {
      details: { ...details, contentType: mediaType(answer) },
      status,
    });
  }
}

function mediaType(answer: Answer): string {
  return answer.response.headers.get('content-type') ?? '';
}
