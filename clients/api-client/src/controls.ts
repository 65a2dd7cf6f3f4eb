// Which rows to read, as a query (contract.md 4.2).
import { OWOXConfigError } from './errors.js';
import type { Query } from './transport.js';

/** One rule over the rows; all rules must hold. */
export interface Filter {
  column: string;
  operator: Operator;
  value?: Value | readonly (string | number)[] | { from: Value; to: Value } | RelativeDate;
  placement?: 'pre-join' | 'post-join';
  /** Compares the aggregate in place of the value of each row. */
  function?: AggregateFunction;
}

/** A value to compare with. */
export type Value = string | number | boolean;

/** A span of days that moves with the present day (UTC). */
export type RelativeDate =
  | {
      kind:
        | 'today'
        | 'yesterday'
        | 'this_week'
        | 'last_week'
        | 'this_month'
        | 'last_month'
        | 'this_quarter'
        | 'last_quarter'
        | 'this_year';
    }
  | { kind: 'last_n_days' | 'last_n_months' | 'next_n_days'; n: number };

/** How a value is compared. */
export type Operator =
  | 'eq'
  | 'neq'
  | 'contains'
  | 'not_contains'
  | 'starts_with'
  | 'ends_with'
  | 'gt'
  | 'lt'
  | 'gte'
  | 'lte'
  | 'regex'
  | 'not_regex'
  | 'is_empty'
  | 'is_not_empty'
  | 'is_null'
  | 'is_not_null'
  | 'is_true'
  | 'is_false'
  | 'in'
  | 'not_in'
  | 'between'
  | 'relative_date';

/** What many values become. */
export type AggregateFunction =
  | 'STRING_AGG'
  | 'MAX'
  | 'MIN'
  | 'SUM'
  | 'AVG'
  | 'COUNT'
  | 'COUNT_DISTINCT'
  | 'ANY_VALUE'
  | 'P25'
  | 'P50'
  | 'P75'
  | 'P95';

/** A column to sort by. */
export interface Sort {
  column: string;
  direction: 'asc' | 'desc';
}

/** An aggregate of a column; columns without one become the groups. */
export interface Aggregation {
  column: string;
  function: AggregateFunction;
}

/** A date column cut to the start of a unit. */
export interface DateBucket {
  column: string;
  unit: 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';
  /** An IANA name, such as `Europe/Kyiv`. */
  timeZone?: string;
}

/** Which columns and rows to read, and in what form. */
export interface RowControls {
  /** All columns: `*`, or `**` with those of joined data marts. */
  columns?: '*' | '**' | undefined;
  /** Exact names of columns, in their order. */
  column?: string | readonly string[] | undefined;
  filter?: readonly Filter[] | undefined;
  sort?: readonly Sort[] | undefined;
  aggregation?: readonly Aggregation[] | undefined;
  dateTrunc?: readonly DateBucket[] | undefined;
  /** At most so many rows. */
  limit?: number | undefined;
}

/** Write controls as a query; throw `OWOXConfigError` for what no server takes. */
export function controlsQuery(controls: RowControls): Query {
  const { columns, column, limit } = controls;
  if (columns === '**' && column?.length) {
    throw new OWOXConfigError('columns "**" cannot be combined with exact column values');
  }
  const [filter, sort, aggregation, dateTrunc] = [controls.filter, controls.sort, controls.aggregation, controls.dateTrunc].map(encoded);
  return { columns, column, filter, sort, aggregation, dateTrunc, limit };
}

/** JSON as base64url without padding; nothing for no rules. */
function encoded(rules: readonly unknown[] | undefined): string | undefined {
  if (!rules?.length) return undefined;
  const bytes = new TextEncoder().encode(JSON.stringify(rules));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
