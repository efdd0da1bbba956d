// A peer: Express with express-oauth2-jwt-bearer.
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';

const { PORT, ISSUER, AUDIENCE, JWKS_URL, ALG } = process.env;
const check = auth({ issuer: ISSUER, audience: AUDIENCE, jwksUri: JWKS_URL, tokenSigningAlg: ALG });
const app = express();
app.get('/guarded', check, requiredScopes('read:item:00'), (_, response) => response.send('ok'));
app.get('/open', (_, response) => response.send('ok'));
app.use((error, _request, response, _next) => response.status(error.status ?? 500).set(error.headers).send());
app.listen(Number(PORT), '127.0.0.1');
