// Small checks that are put together to the shape of an answer. Members that a shape does not name pass through.

/** Whether a value has a shape. */
export type Check = (value: unknown) => boolean;

export const string: Check = (value) => typeof value === 'string';
export const boolean: Check = (value) => typeof value === 'boolean';
export const number: Check = (value) => typeof value === 'number';
export const count: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
export const object = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const array: Check = Array.isArray;

export const nullable = (check: Check): Check => (value) => value === null || check(value);
export const optional = (check: Check): Check => (value) => value === undefined || check(value);
export const loose = (check: Check): Check => optional(nullable(check));
export const list = (item: Check): Check => (value) => Array.isArray(value) && value.every(item);
export const within = (low: number, high: number): Check => (value) =>
  count(value) && (value as number) >= low && (value as number) <= high;

const words = (text: string) => text.split(' ');

/** One of these words, given as one text with spaces between. */
export const oneOf = (texts: string): Check => (value) => string(value) && words(texts).includes(value as string);

/**
 * An object with members of these shapes. A name may be several names with spaces between; a member that may be missing
 * has a check that says so.
 */
export const shape =
  (members: Record<string, Check>): Check =>
  (value) =>
    object(value) &&
    Object.entries(members).every(([names, check]) =>
      words(names).every((name) => check(value[name])),
    );

/** An object whose every value has this shape. */
export const valuesOf = (check: Check): Check => (value) => object(value) && Object.values(value as object).every(check);

const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)` on a real day (contract.md 3.0). */
export const timestamp: Check = (value) => {
  if (!string(value) || !TIMESTAMP.test(value as string)) return false;
  const day = (value as string).slice(0, 10);
  return new Date(day).toISOString().startsWith(day);
};

export const user = shape({ userId: string, 'fullName email avatar': loose(string) });
export const titled = shape({ 'id title': string });
