// The shapes of answers, as types for programs and as checks for what arrives (contract.md 3).
import {
  array, boolean, type Check, count, list, loose, nullable, number, object, oneOf, optional, shape, string,
  timestamp, titled, user, valuesOf, within,
} from './checks.js';

/** A person, as far as the caller may know. */
export interface User {
  userId: string;
  fullName?: string | null;
  email?: string | null;
  avatar?: string | null;
}

/** Whose key this is and for which project. */
export interface AuthContext {
  apiKeyId: string;
  authFlow: 'api_key';
  project: { id: string; title: string | null };
  member: {
    userId: string;
    email: string | null;
    fullName: string | null;
    avatar: string | null;
    roles: string[] | null;
  };
}

/** A data mart in a list. */
export interface DataMart {
  id: string;
  title: string;
  status: 'DRAFT' | 'PUBLISHED';
  /** `engine` is the true kind of storage; `type` is the nearest one that every client knows. */
  storage: { type: string; title: string; engine?: string };
  description: string | null;
  definitionType?: 'SQL' | 'TABLE' | 'VIEW' | 'TABLE_PATTERN' | 'CONNECTOR' | null;
  connectorSourceName?: string;
  triggersCount: number;
  reportsCount: number;
  createdByUser: User | null;
  businessOwnerUsers: User[];
  technicalOwnerUsers: User[];
  /** RFC 3339, like every time of this API. */
  createdAt: string;
  modifiedAt: string;
  contexts: { id: string; name: string }[];
  availableForReporting: boolean;
  availableForMaintenance: boolean;
}

/** A storage in a list; what opens it is never shown. */
export interface Storage {
  id: string;
  title: string;
  type: string;
  createdAt: string;
  modifiedAt: string;
  publishedDataMartsCount: number;
  draftDataMartsCount: number;
  createdByUser: User | null;
  ownerUsers: User[];
  contexts: { id: string; name: string }[];
  availableForUse: boolean;
  availableForMaintenance: boolean;
}

/** A destination in a list; its secrets are never shown. */
export interface Destination {
  id: string;
  title: string;
  type: 'GOOGLE_SHEETS' | 'LOOKER_STUDIO' | 'EMAIL' | 'SLACK' | 'MS_TEAMS' | 'GOOGLE_CHAT';
  projectId: string;
  createdAt: string;
  modifiedAt: string;
  createdByUser: User | null;
  ownerUsers: User[];
  contexts: { id: string; name: string }[];
  availableForUse: boolean;
  availableForMaintenance: boolean;
}

/** What a project says about itself. */
export interface ProjectSettings {
  description: string | null;
}

/** How far a project is set up; `progress` is in percent. */
export interface SetupProgress {
  version: number;
  stepsSchemaVersion: number;
  progress: number;
  steps: Record<SetupStep, { done: boolean; completedAt: string | null }>;
}

/** The steps of setting up a project. */
export type SetupStep =
  | 'hasStorage'
  | 'hasDraftDataMart'
  | 'hasPublishedDataMart'
  | 'hasDestination'
  | 'hasReport'
  | 'hasReportRun'
  | 'hasTeammatesInvited'
  | 'hasGoogleSheetsDestination'
  | 'hasGoogleSheetsExtension'
  | 'hasGoogleSheetsReportRun';

/** What can be searched for. */
export type EntityType = 'DATA_MART' | 'DATA_STORAGE' | 'DATA_DESTINATION';

/** A hit of a search; scores are 0 to 100. */
export interface SearchResult {
  entityType: EntityType;
  entityId: string;
  title: string;
  description: string | null;
  finalScore: number;
  kwScore: number;
  vecScore: number | null;
}

/** How a run stands or ended. */
export type RunStatus = 'PENDING' | 'RUNNING' | 'SUCCESS' | 'FAILED' | 'CANCELLED' | 'INTERRUPTED' | 'RESTRICTED';

/** One run of a data mart. */
export interface Run {
  id: string;
  status: RunStatus;
  /** What made the run, such as `HTTP_DATA` for rows read through the API. */
  type: string;
  runType: 'manual' | 'scheduled';
  dataMartId: string;
  definitionRun: object | null;
  reportId: string | null;
  reportDefinition: object | null;
  insightId: string | null;
  insightDefinition: object | null;
  insightTemplateId: string | null;
  insightTemplateDefinition: object | null;
  aiSourceDefinition: object | null;
  logs: string[] | null;
  errors: string[] | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  createdByUser: User | null;
  /** For rows read through the API: `httpData` with columns, controls, `rowCount`, `bytesWritten`, `completed`. */
  additionalParams: Record<string, unknown> | null;
  totals: Record<string, number | string | boolean | null> | null;
  qualitySummary?: Record<string, unknown> | null;
}

/** A run in the history of the whole project. */
export interface ProjectRun extends Run {
  dataMart: { id: string; title: string };
}

/** One run with everything about it. */
export interface RunDetail extends Run {
  dataQuality?: Record<string, unknown> | null;
}

/** A template of an insight. */
export interface InsightTemplate {
  id: string;
  title: string;
  sourcesCount: number;
  lastRenderedTemplateUpdatedAt: string | null;
  createdById: string;
  createdAt: string;
  modifiedAt: string;
  createdByUser?: User | null;
  dataMart: { id: string; title: string };
  canDelete: boolean;
}

/** A data mart on the model canvas of a storage. */
export interface CanvasDataMart {
  id: string;
  title: string;
  status: 'DRAFT' | 'PUBLISHED';
  description: string | null;
  fieldCount: number;
}

/** One page of the model canvas; `nextOffset` is null on the last. */
export interface CanvasPage {
  items: CanvasDataMart[];
  total: number;
  nextOffset: number | null;
}

/** A join between two data marts of a storage. */
export interface CanvasEdge {
  id: string;
  sourceDataMartId: string;
  targetDataMartId: string;
  joinConditions: { sourceFieldName: string; targetFieldName: string }[];
}

/** A page of data marts, as it arrives. */
export interface DataMartPage {
  items: DataMart[];
  total: number;
  nextOffset: number | null;
}

/** The context of a key, as it arrives. */
export interface ContextBody {
  apiKeyId: string;
  authFlow: 'api_key';
  projectId: string;
  projectTitle?: string | null;
  userId: string;
  email?: string | null;
  fullName?: string | null;
  avatar?: string | null;
  roles?: string[] | null;
}

const STORAGE_TYPES = 'GOOGLE_BIGQUERY AWS_ATHENA SNOWFLAKE AWS_REDSHIFT DATABRICKS LEGACY_GOOGLE_BIGQUERY';
const page = (item: Check): Check => shape({ items: list(item), total: count, nextOffset: nullable(count) });
const status = oneOf('DRAFT PUBLISHED');

export const contextShape = shape({
  'apiKeyId projectId userId': string,
  'projectTitle email fullName avatar': loose(string),
  authFlow: oneOf('api_key'),
  roles: loose(list(string)),
});

export const martPageShape = page(
  shape({
    'id title': string,
    status,
    storage: shape({ type: oneOf(STORAGE_TYPES), title: string }),
    description: nullable(string),
    definitionType: loose(oneOf('SQL TABLE VIEW TABLE_PATTERN CONNECTOR')),
    connectorSourceName: optional(string),
    'triggersCount reportsCount': count,
    createdByUser: nullable(user),
    'businessOwnerUsers technicalOwnerUsers': list(user),
    'createdAt modifiedAt': timestamp,
    contexts: array,
    'availableForReporting availableForMaintenance': boolean,
  }),
);

export const settingsShape = shape({ description: nullable(string) });

const step = shape({ done: boolean, completedAt: nullable(string) });
const STEPS =
  'hasStorage hasDraftDataMart hasPublishedDataMart hasDestination hasReport hasReportRun hasTeammatesInvited ' +
  'hasGoogleSheetsDestination hasGoogleSheetsExtension hasGoogleSheetsReportRun';
export const progressShape = shape({
  'version stepsSchemaVersion': within(1, Infinity),
  progress: within(0, 100),
  steps: (value) => valuesOf(step)(value) && shape({ [STEPS]: step })(value),
});

export const searchShape = list(
  shape({
    entityType: oneOf('DATA_MART DATA_STORAGE DATA_DESTINATION'),
    'entityId title': string,
    description: nullable(string),
    'finalScore kwScore': number,
    vecScore: nullable(number),
  }),
);

const RUN_STATUSES = 'PENDING RUNNING SUCCESS FAILED CANCELLED INTERRUPTED RESTRICTED';
const RUN_TYPES =
  'CONNECTOR GOOGLE_SHEETS_EXPORT LOOKER_STUDIO EMAIL SLACK MS_TEAMS GOOGLE_CHAT INSIGHT INSIGHT_TEMPLATE ' +
  'AI_ASSISTANT HTTP_DATA MCP_QUERY DATA_QUALITY';
const COUNTS =
  'enabledChecks totalChecks passedChecks failedChecks notApplicableChecks errorChecks noticeFindings warningFindings ' +
  'errorFindings violationCount';
const quality = shape({
  state: oneOf('NEVER_RUN QUEUED RUNNING PASSED ISSUES EXECUTION_FAILED RESTRICTED CANCELLED ALL_DISABLED'),
  [COUNTS]: count,
  highestSeverity: nullable(oneOf('notice warning error')),
  dataMartRunId: nullable(string),
  lastRunAt: nullable(timestamp),
});
const scalar: Check = (value) => value === null || number(value) || string(value) || boolean(value);
const runMembers = {
  'id dataMartId': string,
  status: oneOf(RUN_STATUSES),
  type: oneOf(RUN_TYPES),
  runType: oneOf('manual scheduled'),
  'definitionRun reportDefinition insightDefinition insightTemplateDefinition aiSourceDefinition additionalParams': nullable(object,
  ),
  'reportId insightId insightTemplateId': nullable(string),
  'logs errors': nullable(list(string)),
  createdAt: timestamp,
  'startedAt finishedAt': nullable(timestamp),
  createdByUser: nullable(user),
  totals: nullable(valuesOf(scalar)),
  qualitySummary: loose(quality),
};
export const runShape = shape(runMembers);
export const projectRunShape = shape({ ...runMembers, dataMart: titled });
export const runDetailShape = shape({ ...runMembers, dataQuality: loose(object) });

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
export const startedShape = shape({ runId: (value) => string(value) && UUID.test(value as string) });

export const insightShape = shape({
  'id title createdById createdAt modifiedAt': string,
  sourcesCount: count,
  lastRenderedTemplateUpdatedAt: nullable(string),
  createdByUser: loose(user),
  dataMart: titled,
  canDelete: boolean,
});

export const canvasShape = page(
  shape({ 'id title': string, status, description: nullable(string), fieldCount: number }),
);
export const edgeShape = shape({
  'id sourceDataMartId targetDataMartId': string,
  joinConditions: list(shape({ 'sourceFieldName targetFieldName': string })),
});

export const publicationShape = shape({ publicationId: string });
export const pluginShape = shape({ pluginId: string });
