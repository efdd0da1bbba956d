// A peer: Node's own HTTP server with jose.
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { PORT, ISSUER, AUDIENCE, JWKS_URL } = process.env;
const keys = createRemoteJWKSet(new URL(JWKS_URL));
createServer(async (request, response) => {
  if (request.url !== '/open') {
    try {
      const token = request.headers.authorization?.slice('Bearer '.length);
      const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE });
      if (!payload.scope.split(' ').includes('read:item:00')) {
        response.writeHead(403).end();
        return;
      }
    } catch {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
      return;
    }
  }
  response.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok');
}).listen(Number(PORT), '127.0.0.1');
