// The real server on a new instance with its demo project, and keys for it.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const OWOX = resolve(process.env.OWOX_COMMAND ?? join(import.meta.dirname, '../../../../.venv/bin/owox'));

/** What the API answers when a key is created. */
export interface CreatedKey {
  apiKeyId: string;
  apiKeySecret: string;
  apiKey: string;
}

/** A running server. */
export interface Running {
  origin: string;
  project: string;
  /** Create a key of a member of a role. */
  createKey(role?: 'admin' | 'editor' | 'viewer', expires?: string): CreatedKey;
  /** Run an `owox` command on the server's instance. */
  owox(args: string[], input?: string): string;
  stop(): Promise<void>;
}

/** Start one. */
export async function startServer(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'owox-client-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('OWOX_') && name !== 'PUBLIC_ORIGIN');
  const env = { ...Object.fromEntries(own), OWOX_INSTANCE: join(folder, 'instance') };
  const child = spawn(OWOX, ['serve', '--demo', '--port', String(port)], { env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text: Buffer) => (log += text.toString()));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await isLive(origin)); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error(`owox serve did not start:\n${log}`);
    await new Promise((go) => setTimeout(go, 100));
  }
  const owox = (args: string[], input = '') => execFileSync(OWOX, args, { env, cwd: folder, input, encoding: 'utf8' });
  const projects = JSON.parse(owox(['project', 'list', '--json'])) as { id: string }[];
  const project = projects[0]!.id;
  const createKey = (role: string = 'editor', expires = 'never') => {
    const email = `bob-${randomBytes(4).toString('hex')}@example.com`;
    const member = ['member', 'add', email, '--name', 'Bob', '--role', role, '--project', project, '--password-stdin'];
    owox(member, `${randomBytes(18).toString('hex')}\n`);
    const key = ['key', 'create', '--member', email, '--project', project, '--name', 'tests', '--expires', expires, '--json'];
    return JSON.parse(owox(key)) as CreatedKey;
  };
  return { origin, project, createKey, owox, stop };
}

async function isLive(origin: string): Promise<boolean> {
  return fetch(`${origin}/health/live`).then((answer) => answer.ok, () => false);
}

/** A port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}
