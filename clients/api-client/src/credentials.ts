// The three values a client needs, checked as far as that is possible before anything is sent (contract.md 1.1, 8.1).
import { object } from './checks.js';
import { OWOXConfigError } from './errors.js';

/** Where to call and with which key; the origin is normalised. */
export interface Credentials {
  apiOrigin: string;
  apiKeyId: string;
  apiKeySecret: string;
}

/** The ways to give a key: the combined value, its three parts, or both where they say the same. */
export interface KeyOptions {
  /** The combined value, `owox_key_...`. */
  apiKey?: string | undefined;
  /** Scheme, host and optional port of the server. */
  apiOrigin?: string | undefined;
  /** The API Key ID, `pmk_...`. */
  apiKeyId?: string | undefined;
  /** The API Key Secret, `owox_sec_...`. */
  apiKeySecret?: string | undefined;
}

const SECRET_LENGTH = 58;
const PARTS = ['apiOrigin', 'apiKeyId', 'apiKeySecret'] as const;

/** Read the credentials from options; throw `OWOXConfigError`, which never repeats a value. */
export function credentialsOf(options: KeyOptions): Credentials {
  const given = PARTS.filter((name) => options[name] !== undefined);
  if (options.apiKey === undefined && given.length < PARTS.length) {
    const missing = PARTS.filter((name) => !given.includes(name));
    throw new OWOXConfigError(`Give apiKey, or apiOrigin, apiKeyId and apiKeySecret; missing: ${missing.join(', ')}`);
  }
  const found = options.apiKey === undefined ? read(options) : combined(text(options.apiKey));
  for (const name of given) {
    const value = text(options[name]);
    if ((name === 'apiOrigin' ? normalised(value) : value) !== found[name]) throw contradiction('apiKey', name);
  }
  const wrong = fault(found.apiKeySecret);
  if (wrong) throw new OWOXConfigError(`The API Key Secret is ${wrong}. Copy it again, whole, or create a new key.`);
  if (/^[\x21-\x7e]+$/.test(found.apiKeyId)) return found;
  throw new OWOXConfigError('apiKeyId is missing or has characters of no ID');
}

/** The error for two options that do not go together. */
export function contradiction(one: string, other: string): OWOXConfigError {
  return new OWOXConfigError(`${one} and ${other} contradict each other; remove one of them`);
}

/** Return scheme, host and port of an address that has nothing else, else nothing. */
export function normalised(address: string): string | undefined {
  try {
    const { href, origin, protocol } = new URL(address);
    return href === `${origin}/` && /^https?:/.test(protocol) ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** Say what is wrong with a secret of the server's own format; nothing about any other. */
function fault(secret: string): string | undefined {
  if (!secret) return 'missing';
  if (!secret.startsWith('owox_sec_')) return undefined;
  if (secret.length !== SECRET_LENGTH) {
    return `${secret.length < SECRET_LENGTH ? 'cut short' : 'too long'}: ${secret.length} of ${SECRET_LENGTH} characters`;
  }
  return checksum(secret.slice(0, -6)) === secret.slice(-6) ? undefined : 'mistyped: its checksum does not fit';
}

/** The CRC-32 of ASCII text as six base62 digits. */
function checksum(body: string): string {
  let crc = -1;
  for (const mark of body) {
    crc ^= mark.charCodeAt(0);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let digits = '';
  for (let rest = ~crc >>> 0; digits.length < 6; rest = Math.floor(rest / 62)) digits = digit(rest % 62) + digits;
  return digits;
}

/** A base62 digit: 0-9, A-Z, a-z. */
function digit(value: number): string {
  return String.fromCharCode(value + (value < 10 ? 48 : value < 36 ? 55 : 61));
}

function read(options: KeyOptions): Credentials {
  const apiOrigin = normalised(text(options.apiOrigin));
  if (apiOrigin) return { apiOrigin, apiKeyId: text(options.apiKeyId), apiKeySecret: text(options.apiKeySecret) };
  throw new OWOXConfigError('OWOX API origin must be a valid http or https origin');
}

function combined(value: string): Credentials {
  const refuse = (end: string) => new OWOXConfigError(`OWOX_API_KEY ${end}`);
  if (!value.startsWith('owox_key_')) throw refuse('is required and must start with owox_key_');
  const payload = value.slice(9);
  if (!/^[\w-]+$/.test(payload)) throw refuse('must contain a valid base64url payload');
  let body: unknown;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse('must contain a valid JSON payload');
  }
  if (!object(body)) throw refuse('must contain a JSON object');
  const members = body;
  const parts = PARTS.map((name) => (typeof members[name] === 'string' ? members[name].trim() : ''));
  if (!parts.every(Boolean)) throw refuse('must include apiOrigin, apiKeyId, and apiKeySecret');
  const [address, apiKeyId, apiKeySecret] = parts as [string, string, string];
  const apiOrigin = normalised(address);
  if (!apiOrigin) throw refuse('apiOrigin must be a valid http or https origin');
  return { apiOrigin, apiKeyId, apiKeySecret };
}

/** Values come from files and pages: outer white space and one pair of quotes are no part of them. */
function text(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.trim().replace(/^(["'])(.*)\1$/s, '$2').trim();
}
