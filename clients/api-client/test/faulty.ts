// A server that answers with the very bytes a test gives it, and remembers what it was asked.
import { createServer, type Socket } from 'node:net';

/** One request as it arrived. */
export interface Asked {
  line: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Bytes to send, or a wait until the test says go. */
export type Piece = string | Buffer | Promise<void>;

export const EXCHANGE = '/api/auth/api-keys/exchange';
export const CONTEXT = '/api/auth/context';
export const ROWS = '/api/external/http-data/data-marts/orders.ndjson';

/** A whole JSON answer. */
export function answer(status: number, body: unknown, ...headers: string[]): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = [`HTTP/1.1 ${status} Phrase`, ...(headers.length ? headers : ['content-type: application/json'])];
  return [...head, `content-length: ${Buffer.byteLength(text)}`, 'connection: close', '', text].join('\r\n');
}

export const token = (value = 'token-of-the-test') => answer(200, { accessToken: value, accessTokenExpiresIn: 900 });
export const rowsHead = (type = 'application/x-ndjson; charset=utf-8') =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nx-owox-run-id: run-1\r\ntransfer-encoding: chunked\r\n\r\n`;
export const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
export const END = '0\r\n\r\n';

/** Start one; each path gives its answers in turn, the last one again and again. */
export async function startFaulty(answers: Record<string, Piece[][]>) {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    let data = '';
    socket.on('data', (bytes) => {
      data += bytes.toString('latin1');
      const request = parsed(data);
      if (!request) return;
      data = '';
      asked.push(request);
      const queue = answers[request.path] ?? [[answer(404, { message: 'Not Found' })]];
      void send(socket, queue.length > 1 ? queue.shift()! : queue[0]!);
    });
  });
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  const { port } = server.address() as { port: number };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { origin: `http://127.0.0.1:${port}`, asked, close };
}

async function send(socket: Socket, pieces: Piece[]): Promise<void> {
  for (const piece of pieces) {
    if (piece instanceof Promise) await piece;
    else if (!socket.destroyed) await new Promise<void>((done) => socket.write(piece, () => done()));
  }
  socket.end();
}

function parsed(data: string): Asked | undefined {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line, ...rest] = data.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(rest.map((text) => text.toLowerCase().split(/: */, 2))) as Record<string, string>;
  const body = data.slice(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { line: line!, path: line!.split(' ')[1]!.split('?')[0]!, headers, body };
}
