/**
 * Read OWOX Data Marts with an API key.
 *
 * @packageDocumentation
 */
export { type CallOptions, type ClientOptions, OWOXApiClient } from './client.js';
export type { KeyOptions } from './credentials.js';
export { type ErrorFacts, OWOXApiError, OWOXAuthError, OWOXConfigError } from './errors.js';
export type { AggregateFunction, Aggregation, DateBucket, Filter, Operator, RelativeDate, RowControls, Sort, Value } from './controls.js';
export type { DataMartRuns, ListOptions, Paging, PluginScope, PublicationInput, RunStart, SearchOptions } from './resources.js';
export { type Row, RowStream } from './rows.js';
export type {
  AuthContext, CanvasDataMart, CanvasEdge, CanvasPage, DataMart, Destination, EntityType, InsightTemplate, ProjectRun,
  ProjectSettings, Run, RunDetail, RunStatus, SearchResult, SetupProgress, SetupStep, Storage, User,
} from './shapes.js';
export { type Answer, ApiKeyTransport, type Query, type Transport, type TransportOptions, type TransportRequest, type Warning } from './transport.js';
export type { Abortable } from './wire.js';
