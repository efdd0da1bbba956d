// An MCP client that knows nothing but the URL of a server: client.mjs URL CONTROL ERA [CLIENT]. The official TypeScript SDK,
// as a referee: version 2 for the revision 2026-07-28, version 1 for 2025-11-25.
// It is refused, finds the authorization server, registers (or is CLIENT, the URL of its metadata document), has its user log in, calls a tool, is refused by another
// one, steps up, and calls it again. CONTROL is the browser of agents.mjs. Each step is one line of JSON on stdout.
import * as modern from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, control, era, clientMetadataUrl] = process.argv.slice(2);
const isModern = era === '2026-07-28';
const sdk = isModern ? modern : { Client, StreamableHTTPClientTransport, UnauthorizedError };

const step = (name, value) => process.stdout.write(`${JSON.stringify({ [name]: value })}\n`);

// No server listens there: the browser of agents.mjs stops in front of it.
const redirectUrl = 'http://127.0.0.1:6274/oauth/callback';
let page;
const stored = {};
const provider = {
  redirectUrl,
  clientMetadataUrl,
  clientMetadata: {
    client_name: `typescript ${era}`, redirect_uris: [redirectUrl], application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none',
  },
  clientInformation: () => stored.client,
  saveClientInformation: (client) => { stored.client = client; },
  tokens: () => stored.tokens,
  saveTokens: (tokens) => { stored.tokens = tokens; },
  codeVerifier: () => stored.verifier,
  saveCodeVerifier: (verifier) => { stored.verifier = verifier; },
  discoveryState: () => stored.discovery,
  saveDiscoveryState: (state) => { stored.discovery = state; },
  redirectToAuthorization: (authorize) => { page = authorize; },
};

// The challenges, as they are on the wire: the SDK shows no more than that the user has to log in.
async function watched(...request) {
  const answer = await fetch(...request);
  const challenge = answer.headers.get('www-authenticate');
  if (challenge) step('refused', { status: answer.status, challenge });
  return answer;
}

let transport;
async function connect() {
  transport = new sdk.StreamableHTTPClientTransport(new URL(url), { authProvider: provider, fetch: watched });
  const options = isModern ? { versionNegotiation: { mode: { pin: era } } } : {};
  const client = new sdk.Client({ name: 'referee', version: '0' }, options);
  await client.connect(transport);
  return client;
}

// Does `work`, which the server must refuse; then the user logs in and agrees.
async function refused(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof sdk.UnauthorizedError)) throw error;
    step('authorize', { url: page.href });
    const answer = await fetch(`${control}/visit?url=${encodeURIComponent(page.href)}`);
    const { redirect, error: problem } = await answer.json();
    if (problem) throw new Error(problem);
    const { searchParams } = new URL(redirect);
    await transport.finishAuth(isModern ? searchParams : searchParams.get('code'));
    return;
  }
  throw new Error('it was not refused');
}

await refused(connect);
const client = await connect();
const { tools } = await client.listTools();
step('tools', tools.map((tool) => tool.name));
step('called', await client.callTool({ name: 'list_notes', arguments: {} }));
const add = () => client.callTool({ name: 'add_note', arguments: { text: 'Buy milk' } });
await refused(add);
step('called', await add());
step('called', await client.callTool({ name: 'list_notes', arguments: {} }));
await client.close();
process.exit(0);
