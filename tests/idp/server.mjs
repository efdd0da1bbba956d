// A certified authorization server for the integration tests: npm `oidc-provider`, unmodified.
// What this file adds is its configuration, key rotation, and an end to its life.
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { fileURLToPath } from 'node:url';
import { Provider, errors } from 'oidc-provider';

const API = 'https://api.example.test';
const LIFETIME_SECONDS = Number(process.env.LIFETIME || 900);
const run = (name) => fileURLToPath(new URL(`.run/${name}`, import.meta.url));
const log = (...words) => console.error('[idp]', ...words);
console.info = log; // the library's notices: stdout carries one line and no more

// The test holds our stdin open; when it is gone, however it ended, so are we.
const end = (why) => {
  log('ending:', why);
  fs.rmSync(run(`api-${process.pid}.pem`), { force: true });
  process.exit(0);
};
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => end('stdin closed'));
process.stdin.resume();
setTimeout(() => end(`lived ${LIFETIME_SECONDS} s`), LIFETIME_SECONDS * 1000);

// ---- Keys, in generations: the first one signs, all of them are published.

let born = 0;
function generation() {
  born += 1;
  const key = (name, type, options, members) => ({
    ...crypto.generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
    kid: `${name}-${born}`, use: 'sig', ...members,
  });
  return [
    key('rsa', 'rsa', { modulusLength: 2048 }), // no `alg`: serves RS* and PS*
    key('p256', 'ec', { namedCurve: 'P-256' }, { alg: 'ES256' }),
    key('p384', 'ec', { namedCurve: 'P-384' }, { alg: 'ES384' }),
    key('p521', 'ec', { namedCurve: 'P-521' }, { alg: 'ES512' }),
    key('ed25519', 'ed25519', {}), // no `alg`: serves EdDSA and Ed25519
    key('enc', 'rsa', { modulusLength: 2048 }, { use: 'enc', alg: 'RSA-OAEP-256' }), // must never verify a JWS
  ];
}
let generations = [generation()];

const rotations = {
  publish: () => [...generations, generation()], // the next keys are published, the old ones still sign
  promote: () => [generations.at(-1), ...generations.slice(0, -1)], // the newest keys sign
  retire: () => [generations[0]], // only what signs stays published
  emergency: () => [generation()], // every old key is gone at once
};
const kids = (keys) => keys.map(({ kid }) => kid);
const signing = () => generations[0].filter(({ use }) => use === 'sig');
const state = () => ({ signing: kids(signing()), published: kids(generations.flat()) });

// ---- Who may ask, and what they get.

const GRANTS = {
  everything: {
    scope: 'openid profile',
    claims: {
      roles: ['sample:role'],
      permissions: ['sample:create', 'sample:read', 'sample:update', 'sample:delete'],
    },
  },
  few: { scope: 'openid', claims: {} },
};
const clients = Object.entries(GRANTS).map(([id, { scope }]) => ({
  client_id: id, client_secret: `${id}-secret`, scope,
  grant_types: ['client_credentials'], response_types: [], redirect_uris: [],
}));
// The API itself, which asks about tokens: with a secret, with signed answers, with a key.
const asking = { grant_types: [], response_types: [], redirect_uris: [] };
const apiKey = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const apiKeyFile = run(`api-${process.pid}.pem`);
fs.writeFileSync(apiKeyFile, apiKey.privateKey.export({ format: 'pem', type: 'pkcs8' }));
const apiJwk = { ...apiKey.publicKey.export({ format: 'jwk' }), kid: 'api-1', alg: 'ES256', use: 'sig' };
clients.push(
  { ...asking, client_id: 'api:1', client_secret: 'p+%& /' },
  {
    ...asking, client_id: 'api-post', client_secret: 'api-post-secret',
    token_endpoint_auth_method: 'client_secret_post', introspection_signed_response_alg: 'ES256',
  },
  {
    ...asking, client_id: 'api-key', token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256', jwks: { keys: [apiJwk] },
  },
);

// ---- The resource indicator says how the token is to be: API/<algorithm>[?ttl=SECONDS&aud=OTHER].

const ALGORITHMS = new Map([
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
].map((alg) => [alg.toLowerCase(), alg]));
ALGORITHMS.set('opaque', 'opaque'); // a token that is no JWT

function wanted(indicator) {
  const { origin, pathname, searchParams } = new URL(indicator);
  const alg = ALGORITHMS.get(pathname.slice(1));
  const ttl = Number(searchParams.get('ttl') ?? 3600);
  if (origin !== API || !alg || !Number.isInteger(ttl)) throw new errors.InvalidTarget();
  return { alg, ttl, audience: searchParams.get('aud') ?? API };
}

function resourceServer(ctx, indicator) {
  const { alg, ttl, audience } = wanted(indicator);
  if (alg === 'opaque') {
    return { audience, scope: 'openid profile', accessTokenFormat: 'opaque', accessTokenTTL: ttl };
  }
  return {
    audience, scope: 'openid profile', accessTokenFormat: 'jwt', jwt: { sign: { alg } },
    accessTokenTTL: Math.max(ttl, 1), // the server refuses less; see `backdate`
  };
}

// A `ttl` below 1 gives a token of an hour that ended that long ago, so that no test has to wait.
function backdate(ctx, token, { payload }) {
  const { ttl } = wanted(token.resourceServer.identifier());
  if (ttl >= 1) return;
  payload.exp = payload.iat + ttl;
  payload.iat = payload.exp - 3600;
}

// Clients are configured and JWT access tokens are not stored: opaque ones are all that is kept.
const kept = new Map();
class Kept {
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  async find(id) { return kept.get(this.key(id)); }
  async upsert(id, payload) { kept.set(this.key(id), payload); }
  async destroy(id) { kept.delete(this.key(id)); }
}

function authorizationServer(issuer) {
  const provider = new Provider(issuer, {
    adapter: Kept,
    clients,
    jwks: { keys: generations.flat() },
    scopes: ['openid', 'profile'],
    ttl: { ClientCredentials: (ctx, token) => token.resourceServer.accessTokenTTL },
    cookies: { keys: ['no cookie is ever set'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (ctx, client) => client.clientId.startsWith('api'),
      },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true },
      encryption: { enabled: true }, // so that a key for encryption may stand in the JWKS
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `${API}/rs256`,
        getResourceServerInfo: resourceServer,
      },
    },
    extraTokenClaims: (ctx, token) => GRANTS[token.clientId].claims,
    formats: { customizers: { jwt: backdate } },
  });
  provider.on('server_error', (ctx, error) => log(error));
  provider.on('grant.error', (ctx, error) => log(error.message, error.error_detail ?? ''));
  return provider.callback();
}

// ---- Listening. The issuer's name holds the port, so the port comes first.

async function listen(server, port) {
  server.listen(Number(port || 0), '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

let answer;
const front = https.createServer(
  { key: fs.readFileSync(run('server.key')), cert: fs.readFileSync(run('server.pem')) },
  (request, response) => answer(request, response),
);
const issuer = `https://${await listen(front, process.env.PORT)}`;
answer = authorizationServer(issuer);

const back = http.createServer((request, response) => {
  const name = request.url.slice(1);
  if (request.method === 'POST' && Object.hasOwn(rotations, name)) {
    generations = rotations[name]();
    answer = authorizationServer(issuer);
  } else if (request.method !== 'GET' || name !== 'state') {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify(state())}\n`);
});
const control = `http://${await listen(back, process.env.CONTROL_PORT)}`;

const files = { ca: run('ca.pem'), key: apiKeyFile };
process.stdout.write(`${JSON.stringify({ issuer, control, ...files })}\n`);
