// What can go wrong between a program and the API. No message, detail or cause ever holds a secret or a token.
import { object as isObject } from './checks.js';

/** What an error of this client says beside its message. */
export interface ErrorFacts {
  /** The HTTP status, where there was an answer. */
  status?: number | undefined;
  /** The server's word for the reason, or `NETWORK_ERROR` where there was no usable answer. */
  code?: string | undefined;
  /** What the server added (`details` or `errorDetails`), or the whole answer. */
  details?: unknown;
  /** The server's id of the request, to be quoted to its operator. */
  requestId?: string | undefined;
  /** After how many seconds to try again, where the server said so (429 and 503). */
  retryAfter?: number | undefined;
}

/** The server refused or failed, or could not be reached, or answered with something that is not the API's. */
export class OWOXApiError extends Error {
  override readonly name: string = 'OWOXApiError';
  declare readonly status: number | undefined;
  declare readonly code: string | undefined;
  declare readonly details: unknown;
  declare readonly requestId: string | undefined;
  declare readonly retryAfter: number | undefined;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message);
    Object.assign(this, facts);
  }
}

/** The key or its token was refused: a 401 on any call, or any failure of the exchange. */
export class OWOXAuthError extends OWOXApiError {
  override readonly name = 'OWOXAuthError';
}

/** The options or arguments cannot be used; nothing was sent. */
export class OWOXConfigError extends Error {
  override readonly name = 'OWOXConfigError';
}

/** Where keys are rotated, resumed and created. */
export const PAGE = 'Project settings -> My API Keys';

/** Turn an answer other than 2xx into an error (contract.md 2.5). */
export function refusal(response: Response, text: string, isExchange: boolean): OWOXApiError {
  const { status, statusText, headers } = response;
  const body = /application\/json/i.test(headers.get('content-type') ?? '') ? parsed(text) : {};
  const code = filled(body.code) ?? filled(body.error);
  const details = body.details ?? body.errorDetails ?? body;
  const said = typeof body.message === 'string' ? `: ${body.message}` : '';
  // A date is not kept, as clocks differ; nor is what nobody would wait for.
  const seconds = Number(headers.get('retry-after'));
  const facts = {
    status,
    code,
    details,
    requestId: filled(body.requestId) ?? headers.get('x-request-id') ?? undefined,
    retryAfter: seconds > 0 && seconds < 1e5 ? seconds : undefined,
  };
  const head = `OWOX API request failed with ${status} ${statusText}`.trimEnd();
  const message = `${head}${said}${hint(facts, details)}`;
  return isExchange || status === 401 ? new OWOXAuthError(message, facts) : new OWOXApiError(message, facts);
}

/** Say that no usable answer came; `reason` is ours, or the runtime's word for it. */
export function unreachable(origin: string, reason: string): OWOXApiError {
  return new OWOXApiError(
    `Unable to reach OWOX Data Marts API at ${origin}. Check the API origin and network connectivity. (${reason})`,
    { code: 'NETWORK_ERROR', details: { reason } },
  );
}

/** Say what to do, on a line of its own, where that is known. */
function hint({ status, code, retryAfter }: ErrorFacts, details: unknown): string {
  // Such as API_KEY_REVOKED: the server says it to the holder of the right secret only.
  const [, ended] = /^API_KEY_(.+)/.exec(code ?? '') ?? [];
  const at = filled((details as { at?: unknown } | null)?.at);
  if (ended) return `\nThis API key: ${ended.toLowerCase().replaceAll('_', ' ')}${at ? ` at ${at}` : ''}. See ${PAGE}.`;
  if (status === 401) return `\nCheck the API Key ID and API Key Secret, or create a new key in ${PAGE}.`;
  return retryAfter === undefined ? '' : `\nTry again after ${retryAfter} s.`;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // Then it says nothing that is understood here.
  }
  return {};
}

function filled(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined;
}
