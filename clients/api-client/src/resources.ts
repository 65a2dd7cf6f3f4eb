// What can be done with each kind of thing (contract.md 3.1 to 3.12).
import { array, type Check } from './checks.js';
import type { RowControls } from './controls.js';
import { OWOXApiError, OWOXConfigError } from './errors.js';
import type { RowStream } from './rows.js';
import * as shapes from './shapes.js';
import type { Abortable, Wire } from './wire.js';

/** Which part of a history to return. */
export interface Paging extends Abortable {
  /** At most so many; 100 unless given. */
  limit?: number | undefined;
  /** How many to pass over. */
  offset?: number | undefined;
}

/** Which data marts to list. */
export interface ListOptions extends Abortable {
  /** How many to pass over. */
  offset?: number | undefined;
  ownerFilter?: 'has_owners' | 'no_owners' | undefined;
}

/** What to search for. */
export interface SearchOptions extends Abortable {
  /** 1 to 50; 25 unless given. */
  limit?: number | undefined;
  /** All of them unless given. */
  entityTypes?: readonly shapes.EntityType[] | undefined;
  excludeDrafts?: boolean | undefined;
}

/** Which runs to start, of data marts that collect their data when they run. */
export type RunStart =
  | { runType: 'INCREMENTAL' }
  | { runType: 'MANUAL_BACKFILL'; data?: Record<string, unknown> | undefined };

/** Whom a plugin is published to. */
export type PluginScope = 'deployment' | 'project' | 'member';

/** A plugin's publication to somebody. */
export interface PublicationInput {
  repository: string;
  scope: PluginScope;
  projectIds?: readonly string[];
  allProjects?: boolean;
}

const SETTINGS = 'Project Settings';
const RUNS = 'Data Mart Runs';
const MARTS = '/api/data-marts';
const PROJECT = '/api/projects/settings';
const CANVAS = '/api/model-canvas';

/** Who the key belongs to. */
const auth = (wire: Wire) => ({
  /** The key, its project and its owner, as they are now. */
  async getContext(options?: Abortable): Promise<shapes.AuthContext> {
    const path = '/api/auth/context';
    const body = await wire.get<shapes.ContextBody>('Auth Context', shapes.contextShape, path, options);
    const { apiKeyId, authFlow, projectId: id, projectTitle: title = null } = body;
    const { userId, email = null, fullName = null, avatar = null, roles = null } = body;
    return { apiKeyId, authFlow, project: { id, title }, member: { userId, email, fullName, avatar, roles } };
  },
});

/** The data marts that the key's owner may see. */
const dataMarts = (wire: Wire) => ({
  /** All of them, from `offset` on: pages are followed to the end. */
  async list(options: ListOptions = {}): Promise<shapes.DataMart[]> {
    const { ownerFilter } = options;
    let offset: number | null = options.offset ?? 0;
    if (!(Number.isInteger(offset) && offset >= 0) || !['has_owners', 'no_owners', undefined].includes(ownerFilter)) {
      throw new OWOXConfigError('Invalid OWOX Data Mart list options');
    }
    const marts: shapes.DataMart[] = [];
    const seen = new Set<number>();
    while (offset !== null) {
      if (seen.has(offset)) throw new OWOXApiError(`OWOX Data Marts API returned repeated nextOffset ${offset}`);
      seen.add(offset);
      const query = { offset: offset || undefined, ownerFilter };
      const page: shapes.DataMartPage = await wire.get('Data Marts', shapes.martPageShape, MARTS, options, query);
      for (const mart of page.items) marts.push(mart);
      offset = page.nextOffset;
    }
    return marts;
  },

  /** Open the rows of a published data mart. */
  async traverseData(dataMartId: string, options: RowControls & Abortable = {}): Promise<RowStream> {
    return wire.rows(`data-marts/${segment('Data Mart', dataMartId)}`, options, { dataMartId });
  },
});

/** Where data marts read from. */
const storages = (wire: Wire) => ({
  /** The storages that the key's owner may see. */
  list(options?: Abortable): Promise<shapes.Storage[]> {
    return wire.get('Storages', array, '/api/data-storages', options);
  },
});

/** Where data goes to. */
const destinations = (wire: Wire) => ({
  /** The destinations that the key's owner may see. */
  list(options?: Abortable): Promise<shapes.Destination[]> {
    return wire.get('Destinations', array, '/api/data-destinations', options);
  },
});

/** The project of the key. */
const project = (wire: Wire) => ({
  /** What the project says about itself. */
  async getSettings(options?: Abortable): Promise<shapes.ProjectSettings> {
    const { description } = await wire.get<shapes.ProjectSettings>(SETTINGS, shapes.settingsShape, PROJECT, options);
    return { description };
  },

  /** Change the description, for admins; null takes it away. */
  async updateDescription(text: string | null, options?: Abortable): Promise<shapes.ProjectSettings> {
    const request = { ...options, method: 'PUT' as const, path: `${PROJECT}/description`, body: { description: text } };
    const { description } = await wire.checked<shapes.ProjectSettings>(SETTINGS, shapes.settingsShape, request);
    return { description };
  },

  /** How far the project is set up. */
  getSetupProgress(options?: Abortable): Promise<shapes.SetupProgress> {
    return wire.get('Project Setup Progress', shapes.progressShape, '/api/project-setup-progress', options);
  },
});

/** Search over everything that the key's owner may see. */
const search = (wire: Wire) => ({
  /** What fits a few words (2 to 256 characters), best first. */
  query(q: string, options: SearchOptions = {}): Promise<shapes.SearchResult[]> {
    return wire.get('Search', shapes.searchShape, '/api/search', options, { q, ...options, entityTypes: options.entityTypes?.join() });
  },
});

/** What was read, by whom, and how it ended. */
const runs = (wire: Wire) => ({
  /** The newest runs of all data marts. */
  list(options?: Paging): Promise<shapes.ProjectRun[]> {
    return wire.list('Runs', 'runs', shapes.projectRunShape, `${MARTS}/runs`, options, options);
  },

  /** The runs of one data mart. */
  forDataMart: (dataMartId: string): DataMartRuns => ofOneMart(wire, `${MARTS}/${segment('Data Mart', dataMartId)}`),
});

/** The runs of one data mart. */
export interface DataMartRuns {
  /** The newest ones. */
  list(options?: Paging): Promise<shapes.Run[]>;
  /** One of them. */
  get(runId: string, options?: Abortable): Promise<shapes.RunDetail>;
  /** Start one; returns its id. Servers refuse it for data marts that only read. */
  start(start?: RunStart, options?: Abortable): Promise<string>;
  /** End one that is going on. */
  cancel(runId: string, options?: Abortable): Promise<void>;
}

const ofOneMart = (wire: Wire, path: string): DataMartRuns => ({
  list(options) {
    return wire.list(RUNS, 'runs', shapes.runShape, `${path}/runs`, options, options);
  },

  async get(runId, options) {
    return wire.get(RUNS, shapes.runDetailShape, `${path}/runs/${segment('run', runId)}`, options);
  },

  async start(start, options) {
    if (start && !['INCREMENTAL', 'MANUAL_BACKFILL'].includes(start.runType)) {
      throw new OWOXConfigError('Invalid OWOX run options');
    }
    const request = wire.posting(`${path}/manual-run`, start ? { payload: start } : {}, options);
    return (await wire.checked<{ runId: string }>(RUNS, shapes.startedShape, request)).runId;
  },

  async cancel(runId, options) {
    await wire.json(wire.posting(`${path}/runs/${segment('run', runId)}/cancel`, undefined, options));
  },
});

/** Insights. */
const insights = (wire: Wire) => ({
  /** The templates of the project. */
  getTemplates(options?: Paging): Promise<shapes.InsightTemplate[]> {
    const path = `${MARTS}/insight-templates`;
    return wire.list('Insights', 'insights', shapes.insightShape, path, options, options);
  },
});

/** The model canvas of a storage. */
const models = (wire: Wire) => ({
  /** One page of its data marts; follow `nextOffset` for more. */
  getDataMarts(storageId: string, offset?: number, options?: Abortable): Promise<shapes.CanvasPage> {
    return wire.get('Model Canvas', shapes.canvasShape, `${CANVAS}/data-marts`, options, { storageId, offset });
  },

  /** The joins between them. */
  getEdges(storageId: string, options?: Abortable): Promise<shapes.CanvasEdge[]> {
    return wire.list('Model Canvas', 'edges', shapes.edgeShape, `${CANVAS}/edges`, options, { storageId });
  },
});

/** Markdown. */
const markdown = (wire: Wire) => ({
  /** Markdown as HTML that is safe to show. */
  parseToHtml(input: { markdown: string }, options?: Abortable): Promise<string> {
    return wire.text({ ...wire.posting('/api/markdown/parse-to-html', input, options), accept: 'text/html' });
  },
});

/** Saved reports. */
const reports = (wire: Wire) => ({
  /** Open the rows of a report. */
  async traverseData(reportId: string, options: Pick<RowControls, 'limit'> & Abortable = {}): Promise<RowStream> {
    const { limit, signal } = options;
    return wire.rows(`reports/${segment('report', reportId)}`, { limit, signal }, { reportId }, true);
  },
});

/** Plugins, on servers that keep some. */
const plugins = (wire: Wire) => {
  const post = <T>(act: string, body: object, check: Check, options?: Abortable) =>
    wire.checked<T>('Plugins', check, wire.posting(`/api/plugins/${act}`, body, options));
  return {
    /** Publish a plugin. */
    publish: (input: PublicationInput, options?: Abortable) =>
      post<Record<string, unknown>>('publications', input, shapes.publicationShape, options),

    /** Take a publication back. */
    unpublish: (input: PublicationInput, options?: Abortable) =>
      post<Record<string, unknown>>('publications/unpublish', input, shapes.publicationShape, options),

    /** The publications of a scope. */
    listPublications: (scope: PluginScope, options?: Abortable) =>
      wire.get<Record<string, unknown>[]>('Plugins', array, '/api/plugins/publications', options, { scope }),

    /** Look for a newer version of a plugin. */
    update: (repository: string, options?: Abortable) =>
      post<Record<string, unknown>>('update', { repository }, shapes.pluginShape, options),

    /** Stop a plugin for now. */
    suspend: (repository: string, note?: string, options?: Abortable) =>
      post<unknown>('suspend', { repository, note }, () => true, options),

    /** Let a suspended plugin go on. */
    resume: (repository: string, note?: string, options?: Abortable) =>
      post<unknown>('resume', { repository, note }, () => true, options),
  };
};

/** The kinds of things that the API has. */
export const RESOURCES = {
  auth,
  dataMarts,
  storages,
  destinations,
  project,
  search,
  runs,
  insights,
  models,
  markdown,
  reports,
  plugins,
};

/** An id as one segment of a path. */
function segment(what: string, id: string): string {
  const fault = new OWOXConfigError(`Invalid OWOX ${what} ID`);
  if (typeof id !== 'string' || !id.trim() || /^\.{1,2}$|[/\\%]/.test(id)) throw fault;
  try {
    return encodeURIComponent(id);
  } catch {
    throw fault;
  }
}
