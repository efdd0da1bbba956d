// A certified authorization server for MCP clients that have never heard of it: npm `oidc-provider`, unmodified.
// Clients register themselves (RFC 7591) or are named by the URL of their metadata document, users log in and agree, codes need PKCE, tokens are for the `resource` that
// was asked for (RFC 8707). What this file adds is its configuration, a user with a browser, and a record of requests.
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Provider, errors } from 'oidc-provider';

const SCOPES = ['notes:read', 'notes:write', 'notes:erase'];
const LIFETIME_SECONDS = Number(process.env.LIFETIME || 900);
const log = (...words) => console.error('[idp]', ...words);
console.info = log;
console.warn = log;

const end = (why) => { log('ending:', why); process.exit(0); };
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => end('stdin closed'));
process.stdin.resume();
setTimeout(() => end(`lived ${LIFETIME_SECONDS} s`), LIFETIME_SECONDS * 1000);

function resourceServer(ctx, indicator) {
  if (new URL(indicator).hostname !== '127.0.0.1') throw new errors.InvalidTarget();
  return { audience: indicator, scope: SCOPES.join(' '), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };
}

// oidc-provider fetches no document from loopback, for good reason; here nothing is anywhere else. The certificate is
// of the throw-away CA of start.sh.
function fetchOnLoopback(url, { headers }) {
  const options = { ca: fs.readFileSync('.run/ca.pem'), headers: Object.fromEntries(headers) };
  return new Promise((resolve, reject) => {
    https.get(url, options, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode, headers: answer.headers }));
    }).on('error', reject);
  });
}

function authorizationServer(issuer) {
  const key = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...key, kid: 'p256', use: 'sig', alg: 'ES256' }] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    cookies: { keys: [crypto.randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientBasedCORS: () => true,
    // A client may ask for more later than it named when it registered: scopes are granted by the user.
    extraClientMetadata: {
      properties: ['granted_by_the_user'],
      validator: (ctx, key, value, metadata) => { delete metadata.scope; },
    },
    fetch: fetchOnLoopback,
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
    },
  });
  provider.on('server_error', (ctx, error) => log(error));
  for (const event of ['authorization.error', 'grant.error', 'registration_create.error']) {
    provider.on(event, (ctx, error) => log(event, error.message, error.error_description ?? '', error.error_detail ?? ''));
  }
  return provider.callback();
}

// ---- A user with a browser: logs in as `alice`, agrees to everything, ends at the client's redirect.

const cookies = new Map();

async function visit(start) {
  let [url, options] = [start, {}];
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (value) cookies.set(name, value); else cookies.delete(name);
    }
    const location = answer.headers.get('location');
    const page = await answer.text();
    if (location) {
      [url, options] = [new URL(location, url).href, {}];
      if (!url.startsWith(issuer)) return url;
    } else {
      const prompt = page.match(/name="prompt" value="(\w+)"/)?.[1];
      const action = page.match(/action="([^"]+)"/)?.[1];
      if (!prompt || !action) throw new Error(`${answer.status} at ${url}: ${page.slice(0, 2000)}`);
      const body = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: 'alice', password: 'x' }) });
      [url, options] = [new URL(action, url).href, { method: 'POST', body }];
    }
  }
  throw new Error('the login does not end');
}

// ---- Listening. The issuer's name holds the port, so the port comes first.

async function listen(server, port) {
  server.listen(Number(port || 0), '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

let answer;
const requests = [];
const front = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  requests.push({ method: request.method, path: pathname, query: Object.fromEntries(searchParams) });
  answer(request, response);
});
const issuer = await listen(front, process.env.PORT);
answer = authorizationServer(issuer);

// ---- The metadata document of a client, at its identifier.

const tls = { key: fs.readFileSync('.run/server.key'), cert: fs.readFileSync('.run/server.pem') };
const documents = https.createServer(tls, (request, response) => {
  requests.push({ method: request.method, path: request.url, query: {} });
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({
    client_id: client, client_name: 'an agent', redirect_uris: ['http://127.0.0.1:6274/oauth/callback'],
    application_type: 'native', grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }));
});
const client = `${(await listen(documents)).replace('http:', 'https:')}/client.json`;

const back = http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  response.setHeader('content-type', 'application/json');
  try {
    if (pathname === '/visit') response.end(JSON.stringify({ redirect: await visit(searchParams.get('url')) }));
    else if (pathname === '/requests') response.end(JSON.stringify(requests));
    else response.writeHead(404).end();
  } catch (error) {
    response.writeHead(500).end(JSON.stringify({ error: String(error) }));
  }
});
const control = await listen(back, process.env.CONTROL_PORT);

process.stdout.write(`${JSON.stringify({ issuer, control, client })}\n`);
