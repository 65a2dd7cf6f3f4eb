// The client: one member for each kind of thing that the API has (contract.md 3).
import { contradiction } from './credentials.js';
import { RESOURCES } from './resources.js';
import { Wire } from './wire.js';
import type { RowStream } from './rows.js';
import { ApiKeyTransport, type Query, type Transport, type TransportOptions } from './transport.js';

/** How to make a client: with a key, or with a transport of your own. */
export interface ClientOptions extends TransportOptions {
  /** Makes the calls in place of a key. */
  transport?: Transport | undefined;
}

/** What one call may be given. */
export interface CallOptions {
  /** Ends the call. */
  signal?: AbortSignal | undefined;
  /** Parameters of the path. */
  query?: Query | undefined;
}

type Resources = { readonly [Name in keyof typeof RESOURCES]: ReturnType<(typeof RESOURCES)[Name]> };

/** What can be done with each kind of thing. */
export interface OWOXApiClient extends Resources {}

/** The API of one OWOX Data Marts server, as the owner of one API key. */
export class OWOXApiClient {
  readonly #wire: Wire;

  constructor(options: ClientOptions) {
    const { transport, ...key } = options;
    if (transport && (key.apiKey ?? key.apiOrigin ?? key.apiKeyId ?? key.apiKeySecret) !== undefined) {
      throw contradiction('transport', 'an API key');
    }
    const wire = (this.#wire = new Wire(transport ?? new ApiKeyTransport(key)));
    for (const [name, resource] of Object.entries(RESOURCES)) Object.assign(this, { [name]: resource(wire) });
  }

  /** Exchange the key for an access token now. Calls do so by themselves. */
  authenticate(): Promise<void> {
    return this.#wire.transport.authenticate();
  }

  /** `GET` any path of the API; returns its JSON, unchecked. */
  getJson(path: string, options?: CallOptions): Promise<unknown> {
    return this.#wire.json({ method: 'GET', path, ...options });
  }

  /** `POST` JSON to any path of the API; returns its JSON, or nothing for an answer without a body. */
  postJson(path: string, body?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#wire.json({ method: 'POST', path, body, ...options });
  }

  /** `PUT` JSON to any path of the API. */
  putJson(path: string, body?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#wire.json({ method: 'PUT', path, body, ...options });
  }

  /** `PATCH` any path of the API with JSON. */
  patchJson(path: string, body?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#wire.json({ method: 'PATCH', path, body, ...options });
  }

  /** `DELETE` any path of the API. */
  deleteJson(path: string, options?: CallOptions): Promise<unknown> {
    return this.#wire.json({ method: 'DELETE', path, ...options });
  }

  /** Open NDJSON at any path of the API. */
  getStream(path: string, options?: CallOptions): Promise<RowStream> {
    return this.#wire.stream({ method: 'GET', path, ...options }, {});
  }
}

