// One API key on one server: exchange, headers, one retry after a 401, time limits. Knows nothing of shapes.
import { contradiction, credentialsOf, type KeyOptions, normalised } from './credentials.js';
import { OWOXAuthError, OWOXConfigError, PAGE, refusal, unreachable } from './errors.js';

/** What a client needs besides a key; everything has a default. */
export interface TransportOptions extends KeyOptions {
  /** The function that makes HTTP requests; the runtime's own unless given. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The same by its older name. */
  fetchImpl?: typeof globalThis.fetch | undefined;
  /** In Node, an undici dispatcher for row streams. */
  streamDispatcher?: unknown;
  /** Ends every call of this client, the open streams too. */
  signal?: AbortSignal | undefined;
  /** The longest silence of the server, in milliseconds: before an answer and between two parts of it. 60,000 unless given. */
  timeoutMs?: number | undefined;
  /** Names the program in the server's logs, where the runtime lets it (browsers do not). */
  userAgent?: string | undefined;
  /** Called once when the server says that the key ends within 14 days. */
  onWarning?: ((warning: Warning) => void) | undefined;
  /** In a browser, let a page of another origin hold the secret and send it across. Everybody who can read the page's memory has the key. */
  allowCrossOrigin?: boolean | undefined;
}

/** Something to know that is no failure. */
export interface Warning {
  code: 'API_KEY_EXPIRES_SOON';
  message: string;
  /** When the key ends, RFC 3339. */
  expiresAt: string;
}

/** Parameters of a path. A list repeats its parameter; null and undefined leave it out. */
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** One call, as a transport is asked for it. */
export interface TransportRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with `/api/`; escaped. */
  path: string;
  query?: Query | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** `application/json` unless given. */
  accept?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Something that makes authorized calls. Give one of your own to put the client on top of another connection. */
export interface Transport {
  /** Make a call. The answer is 2xx, else this throws. */
  send(request: TransportRequest): Promise<Answer>;
  /** Exchange the key for a token now. */
  authenticate(): Promise<void>;
}

/** An answer whose body is still to be read, under the time limit of its call. */
export interface Answer {
  response: Response;
  /** Read the body whole. */
  text(): Promise<string>;
  /** Start the time limit anew: something is waited for. */
  touch(): void;
  /** Stop it: nothing is waited for. */
  rest(): void;
  /** Nothing more is read. */
  done(): void;
  /** The error for a failure of reading the body, where it is known better than the runtime knows it. */
  failure(): unknown;
}

const EXCHANGE = '/api/auth/api-keys/exchange';
const SILENCE_MS = 60_000;
const HIDDEN = '[hidden]';

/** The transport of an API key. Its secret and token are in private fields: no inspection or JSON shows them. */
export class ApiKeyTransport implements Transport {
  /** Scheme, host and port of the server. */
  readonly origin: string;
  readonly apiKeyId: string;
  readonly #secret: string;
  readonly #options: TransportOptions;
  readonly #fetch: typeof globalThis.fetch;
  #token: Promise<string> | undefined;
  #exchanged = '';
  #warned = false;

  constructor(options: TransportOptions) {
    const found = credentialsOf(options);
    if (options.fetch && options.fetchImpl && options.fetch !== options.fetchImpl) {
      throw contradiction('fetch', 'fetchImpl');
    }
    if (!options.allowCrossOrigin) refuseOtherPages(found.apiOrigin);
    this.origin = found.apiOrigin;
    this.apiKeyId = found.apiKeyId;
    this.#secret = found.apiKeySecret;
    this.#options = options;
    this.#fetch = options.fetch ?? options.fetchImpl ?? globalThis.fetch.bind(globalThis);
  }

  async authenticate(): Promise<void> {
    this.#token = undefined;
    await this.#currentToken();
  }

  async send(request: TransportRequest): Promise<Answer> {
    const url = this.#url(request);
    const held = this.#currentToken();
    let answer = await this.#authorized(url, request, await held);
    if (answer.response.status === 401) {
      await answer.text();
      if (this.#token === held) this.#token = undefined;
      answer = await this.#authorized(url, request, await this.#currentToken());
    }
    this.#warn(answer.response.headers);
    if (answer.response.ok) return answer;
    throw refusal(answer.response, this.#redacted(await answer.text()), false);
  }

  #authorized(url: URL, request: TransportRequest, token: string): Promise<Answer> {
    return this.#ask(url, request, { 'x-owox-authorization': `Bearer ${token}` });
  }

  /** The token in use; concurrent first calls share one exchange. */
  #currentToken(): Promise<string> {
    const token = (this.#token ??= this.#exchange());
    token.catch(() => {
      if (this.#token === token) this.#token = undefined;
    });
    return token;
  }

  async #exchange(): Promise<string> {
    const body = { apiKeySecret: this.#secret };
    const answer = await this.#ask(new URL(EXCHANGE, this.origin), { method: 'POST', path: EXCHANGE, body }, {});
    const { response } = answer;
    const text = await answer.text();
    if (!response.ok) throw refusal(response, this.#redacted(text), true);
    let token: unknown;
    try {
      token = (JSON.parse(text) as { accessToken?: unknown }).accessToken;
    } catch {
      // Said below.
    }
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
      throw new OWOXAuthError('OWOX authentication response did not include an access token', { status: response.status });
    }
    this.#exchanged = token;
    return token;
  }

  /** Make one HTTP request. Redirects are never followed: a secret goes to the given origin only. */
  async #ask(url: URL, request: TransportRequest, headers: Record<string, string>): Promise<Answer> {
    const { signal, timeoutMs = SILENCE_MS, userAgent, streamDispatcher } = this.#options;
    const watch = watched(this.origin, timeoutMs, [signal, request.signal]);
    const isStream = request.accept === 'application/x-ndjson';
    const init = {
      method: request.method,
      headers: {
        accept: request.accept ?? 'application/json',
        'x-owox-api-key-id': this.apiKeyId,
        ...(userAgent ? { 'user-agent': userAgent } : {}),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        // A compressed stream may end early without an error; only the framing of plain bytes tells a cut.
        ...(isStream ? { 'accept-encoding': 'identity' } : {}),
        ...headers,
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      redirect: 'manual' as const,
      credentials: 'omit' as const,
      cache: 'no-store' as const,
      signal: watch.signal,
      ...(isStream && streamDispatcher ? { dispatcher: streamDispatcher } : {}),
    };
    let response: Response;
    try {
      response = await this.#fetch(url, init);
    } catch (error) {
      watch.done();
      throw watch.failure() ?? unreachable(this.origin, reasonOf(error));
    }
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      watch.done();
      throw unreachable(this.origin, 'it answered with a redirect, which is not followed');
    }
    return this.#answer(response, watch);
  }

  #answer(response: Response, watch: ReturnType<typeof watched>): Answer {
    return {
      response,
      ...watch,
      text: async () => {
        try {
          return await response.text();
        } catch (error) {
          throw watch.failure() ?? unreachable(this.origin, reasonOf(error));
        } finally {
          watch.done();
        }
      },
    };
  }

  #url({ path, query = {} }: TransportRequest): URL {
    const url = new URL(safePath(path), this.origin);
    for (const [name, values] of Object.entries(query)) {
      for (const value of [values].flat()) if (value !== undefined && value !== null) url.searchParams.append(name, `${value}`);
    }
    return url;
  }

  #warn(headers: Headers): void {
    const expiresAt = headers.get('x-owox-api-key-expires-at');
    if (!expiresAt || this.#warned) return;
    this.#warned = true;
    const message = `This API key ends at ${expiresAt}. See ${PAGE}.`;
    this.#options.onWarning?.({ code: 'API_KEY_EXPIRES_SOON', message, expiresAt });
  }

  /** Take the secret and the token out of what a server says, should it repeat them. */
  #redacted(text: string): string {
    for (const hidden of [this.#secret, this.#exchanged]) {
      if (hidden.length >= 8) text = text.replaceAll(hidden, HIDDEN).replaceAll(JSON.stringify(hidden).slice(1, -1), HIDDEN);
    }
    return text.replace(/owox_(?:key|sec)_[\w-]{16,}/g, HIDDEN);
  }
}

/** Ends a call when it has been silent for too long, or when somebody aborts it. */
function watched(origin: string, silence: number, signals: readonly (AbortSignal | undefined)[]) {
  const control = new AbortController();
  const abort = () => control.abort();
  let failure: unknown;
  let timer: ReturnType<typeof setTimeout>;
  const rest = () => clearTimeout(timer);
  const touch = () => {
    rest();
    timer = setTimeout(() => {
      failure = unreachable(origin, `nothing arrived for ${silence} ms`);
      abort();
    }, silence);
  };
  touch();
  for (const signal of signals) signal?.addEventListener('abort', abort);
  if (signals.some((signal) => signal?.aborted)) abort();
  return {
    signal: control.signal,
    touch,
    rest,
    failure: () => signals.find((signal) => signal?.aborted)?.reason ?? failure,
    done() {
      rest();
      for (const signal of signals) signal?.removeEventListener('abort', abort);
    },
  };
}

/** Refuse a path that could lead elsewhere (contract.md 2.3). */
export function safePath(path: string): string {
  const fault = () => new OWOXConfigError('The path must begin with /api/ and be plain and escaped');
  const bare = path.split('?', 1)[0]!;
  if (!path.startsWith('/api/') || path.length > 2048 || /[\\#\s]/.test(path) || /%(2f|5c|25)/i.test(bare)) throw fault();
  try {
    if (bare.split('/').some((part) => /^\.{1,2}$/.test(decodeURIComponent(part)))) throw fault();
  } catch {
    throw fault();
  }
  return path;
}

/** A secret in a page of another origin is open to whatever else runs there. */
function refuseOtherPages(origin: string): void {
  const page = (globalThis as { location?: { origin?: string } }).location?.origin;
  if (page === undefined || normalised(page) === origin) return;
  throw new OWOXConfigError(
    `This page comes from ${page}, the API key belongs to ${origin}. Use it there, or set allowCrossOrigin if all that runs ` +
      'in this page may have the secret.',
  );
}

/** The runtime's short word for a failure, such as ECONNREFUSED; its sentences may quote a header. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'no connection';
}
