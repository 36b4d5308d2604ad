// Viewers with a DPoP-bound OAuth access token: token and proofs are made by jose, an implementation that shares nothing with ours.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as jose from 'jose'
import { curl } from './support/http.mjs'
import { MINT, SERVICE_DID, SERVICE_DID_WITH_FRAGMENT, Viewer, randomPlcDid } from './support/identity.mjs'
import { WEB_HOST, World } from './support/world.mjs'

const PUBLIC_URL = 'https://api.didpic.example'
const CLIENT_ID = 'https://app.didpic.example/oauth-client-metadata.json'
const FILE_ISSUER = 'https://auth.didpic.example'

/** An authorization server that is also a PDS: its key, and over HTTP its metadata and its key set. */
class Issuer {
  requests = []
  failing = false

  static async create(url) {
    const issuer = new Issuer()
    issuer.url = url
    await issuer.rotateKey()
    return issuer
  }

  /** One whose keys are fetched. */
  static async start() {
    const issuer = await Issuer.create()
    issuer.server = createServer((request, response) => issuer.#answer(request, response))
    issuer.server.listen(0, '127.0.0.1')
    await once(issuer.server, 'listening')
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}`
    return issuer
  }

  async rotateKey(algorithm = 'ES256') {
    this.algorithm = algorithm
    this.kid = randomBytes(4).toString('hex')
    this.keys = await jose.generateKeyPair(algorithm)
    this.jwks = { keys: [{ ...(await jose.exportJWK(this.keys.publicKey)), kid: this.kid, use: 'sig' }] }
  }

  get metadata() {
    return {
      issuer: this.url, jwks_uri: `${this.url}/keys`, authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`, pushed_authorization_request_endpoint: `${this.url}/par`,
      response_types_supported: ['code'], grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'], token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'], scopes_supported: ['atproto'],
      authorization_response_iss_parameter_supported: true, require_pushed_authorization_requests: true,
      dpop_signing_alg_values_supported: ['ES256'], client_id_metadata_document_supported: true,
    }
  }

  #answer(request, response) {
    this.requests.push(request.url)
    const bodies = {
      '/.well-known/oauth-authorization-server': this.metadata,
      '/.well-known/oauth-protected-resource': { resource: this.url, authorization_servers: [this.url] },
      '/keys': this.jwks,
    }
    const body = this.failing ? undefined : bodies[request.url]
    response.writeHead(this.failing ? 500 : body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  }

  close() {
    this.server?.closeAllConnections()
    this.server?.close()
  }
}

/** A session of an app: a DPoP key, and an access token bound to it. */
class Session {
  static async create(issuer, { algorithm = 'ES256', claims = {}, did } = {}) {
    const session = new Session()
    session.did = did ?? randomPlcDid()
    session.algorithm = algorithm
    session.key = await jose.generateKeyPair(algorithm)
    session.jwk = await jose.exportJWK(session.key.publicKey)
    const payload = {
      iss: issuer.url, sub: session.did, aud: SERVICE_DID, client_id: CLIENT_ID, scope: 'atproto transition:generic',
      cnf: { jkt: await jose.calculateJwkThumbprint(session.jwk) }, jti: randomBytes(16).toString('hex'), ...claims,
    }
    const token = new jose.SignJWT(payload).setProtectedHeader({ alg: issuer.algorithm, typ: 'at+jwt', kid: issuer.kid })
    if (!('exp' in claims)) token.setExpirationTime('15m')
    session.token = await token.setIssuedAt().sign(issuer.keys.privateKey)
    return session
  }

  proof(claims = {}) {
    const payload = {
      jti: randomBytes(16).toString('hex'), htm: 'POST', htu: `${PUBLIC_URL}/xrpc/${MINT}`,
      ath: createHash('sha256').update(this.token).digest('base64url'), nonce: this.nonce, ...claims,
    }
    return new jose.SignJWT(payload).setProtectedHeader({ alg: this.algorithm, typ: 'dpop+jwt', jwk: this.jwk })
      .setIssuedAt().sign(this.key.privateKey)
  }

  async send(proof, scheme = 'DPoP') {
    const headers = { authorization: `${scheme} ${this.token}`, dpop: proof }
    const reply = await curl(world.url(`/xrpc/${MINT}`), { method: 'POST', headers })
    this.nonce = reply.headers['dpop-nonce']
    return reply
  }

  /** Mints as a client does: on use_dpop_nonce once more with the nonce. */
  async mint(claims = {}) {
    const reply = await this.send(await this.proof(claims))
    if (reply.json.error !== 'UseDpopNonce') return reply
    return this.send(await this.proof(claims))
  }
}

/** The flags by which the issuer that is asked over HTTP speaks for everybody. */
const trusted = () => ({ oauth_issuer_for_all_accounts: webIssuer.url })

let world
let fileIssuer
let webIssuer
before(async () => {
  world = await World.prepare()
  fileIssuer = await Issuer.create(FILE_ISSUER)
  webIssuer = await Issuer.start()
  const jwksFile = join(world.folder, 'jwks.json')
  await writeFile(jwksFile, JSON.stringify(fileIssuer.jwks))
  await world.startTokenService()
  await world.startShim({ oauth_issuer: [`${FILE_ISSUER}=${jwksFile}`, webIssuer.url], oauth_issuer_for_all_accounts: [FILE_ISSUER, webIssuer.url] })
})
after(async () => {
  webIssuer.close()
  await world.stop()
})

for (const [name, issuer] of [['a file', () => fileIssuer], ['the issuer', () => webIssuer]]) {
  for (const algorithm of ['ES256', 'ES256K']) {
    test(`a viewer mints with keys from ${name} and a DPoP key of ${algorithm}`, async () => {
      const session = await Session.create(issuer(), { algorithm })
      const reply = await session.mint()
      assert.equal(reply.status, 200, reply.text)
      await world.assertActive(reply.json.token, session)
      const listed = await world.grpc('ListTokens', { did: session.did })
      assert.equal(listed.ok.tokens[0].client_id, CLIENT_ID)
    })
  }
}

test('a list shows what the client calls itself, and a client that cannot be asked mints all the same', async () => {
  const clientId = `https://${WEB_HOST}/client.json`
  world.webHost.documents.set('/client.json', {
    client_id: clientId, client_name: 'Widgets', scope: 'atproto', redirect_uris: [`https://${WEB_HOST}/cb`],
    token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true,
  })
  const session = await Session.create(fileIssuer, { claims: { client_id: clientId } })
  assert.equal((await session.mint()).status, 200)
  const [token] = (await world.grpc('ListTokens', { did: session.did })).ok.tokens
  assert.equal(token.client_name, 'Widgets')
  assert.equal(token.client_type, 'PUBLIC')

  const other = await Session.create(fileIssuer, { claims: { client_id: `https://${WEB_HOST}/absent.json` } })
  assert.equal((await other.mint()).status, 200)
  const [plain] = (await world.grpc('ListTokens', { did: other.did })).ok.tokens
  assert.equal(plain.client_id, `https://${WEB_HOST}/absent.json`)
  assert.equal(plain.client_name, undefined)
})

test('a proof without a nonce is answered with one, readable across origins', async () => {
  const session = await Session.create(fileIssuer)
  const reply = await session.send(await session.proof())
  assert.equal(reply.status, 401)
  assert.equal(reply.json.error, 'UseDpopNonce')
  assert.match(reply.headers['www-authenticate'], /^DPoP .*error="use_dpop_nonce"/)
  assert.ok(reply.headers['dpop-nonce'])
  assert.match(reply.headers['access-control-expose-headers'], /DPoP-Nonce/)
})

test('a proof mints once; the answer still has a nonce', async () => {
  const session = await Session.create(fileIssuer)
  const proof = (await session.mint(), await session.proof())
  assert.equal((await session.send(proof)).status, 200)
  const again = await session.send(proof)
  assert.equal(again.status, 401)
  assert.equal(again.json.error, 'InvalidDpopProof')
  assert.ok(again.headers['dpop-nonce'])
})

test('a bound token is refused as Bearer', async () => {
  const session = await Session.create(fileIssuer)
  const reply = await session.send(await session.proof(), 'Bearer')
  assert.equal(reply.status, 401)
  assert.equal(reply.json.error, 'BadJwtType')
})

test('a stolen token is of no use with another key', async () => {
  const victim = await Session.create(fileIssuer)
  const thief = await Session.create(fileIssuer)
  thief.token = victim.token
  const reply = await thief.mint()
  assert.equal(reply.status, 401)
  assert.equal(reply.json.error, 'InvalidToken')
  assert.match(reply.headers['www-authenticate'], /^DPoP error="invalid_token"/)
})

const REFUSED = [
  ['a proof for the address behind the proxy', 401, 'InvalidDpopProof', {}, () => ({ htu: world.url(`/xrpc/${MINT}`) })],
  ['a proof for another verb', 401, 'InvalidDpopProof', {}, () => ({ htm: 'GET' })],
  ['a proof for another token', 401, 'InvalidDpopProof', {}, () => ({ ath: 'x' })],
  ['a token for another service', 401, 'InvalidToken', { aud: 'did:web:pds.didpic.example' }],
  ['a token of an issuer that is not configured', 401, 'InvalidToken', { iss: 'https://other.didpic.example' }],
  ['a token bound to no key', 401, 'InvalidToken', { cnf: undefined }],
  ['an expired token', 401, 'ExpiredToken', { exp: Math.floor(Date.now() / 1000) - 1 }],
  ['a token without the permission', 403, 'InsufficientScope', { scope: 'atproto rpc:app.didpic.feed.getTimeline?aud=*' }],
]
for (const [what, status, error, claims, proofClaims] of REFUSED) {
  test(`${what}: ${error}`, async () => {
    const session = await Session.create(fileIssuer, { claims })
    const reply = await session.mint(proofClaims?.())
    assert.equal(reply.status, status, reply.text)
    assert.equal(reply.json.error, error, reply.text)
    assert.match(reply.headers['www-authenticate'], /^DPoP error=/)
  })
}

test('the permission for this one method and service is enough', async () => {
  const scope = `atproto rpc:${MINT}?aud=${encodeURIComponent(SERVICE_DID_WITH_FRAGMENT)}`
  const session = await Session.create(fileIssuer, { claims: { scope } })
  assert.equal((await session.mint()).status, 200)
})

test('an issuer that cannot be asked is an outage, never a 401', async () => {
  await world.shim.kill()
  webIssuer.failing = true
  await world.startShim({ oauth_issuer: [webIssuer.url], ...trusted() })
  const session = await Session.create(webIssuer)
  const reply = await session.mint()
  assert.equal(reply.status, 502, reply.text)
  assert.equal(reply.json.error, 'UpstreamFailure')
  assert.ok(reply.headers['dpop-nonce'])
})

test('made-up key names do not make the shim ask the issuer again and again', async () => {
  webIssuer.failing = false
  await world.shim.kill()
  await world.startShim({ oauth_issuer: [webIssuer.url], ...trusted() })
  assert.equal((await (await Session.create(webIssuer)).mint()).status, 200)
  const asked = webIssuer.requests.length
  const { kid } = webIssuer
  for (const madeUp of ['a', 'b', 'c']) {
    webIssuer.kid = madeUp
    assert.equal((await (await Session.create(webIssuer)).mint()).json.error, 'InvalidToken')
  }
  webIssuer.kid = kid
  assert.equal(webIssuer.requests.length, asked)
})

test('an include counts by the permission sets of the operator', async () => {
  const scope = `atproto include:app.didpic.authBasic?aud=${encodeURIComponent(SERVICE_DID_WITH_FRAGMENT)}`
  const session = await Session.create(webIssuer, { claims: { scope } })
  assert.equal((await session.mint()).json.error, 'InsufficientScope')
  const permission = { type: 'permission', resource: 'rpc', lxm: [MINT], inheritAud: true }
  await writeFile(join(world.lexicons, 'app/didpic/authBasic.json'), JSON.stringify({
    lexicon: 1, id: 'app.didpic.authBasic', defs: { main: { type: 'permission-set', permissions: [permission] } },
  }))
  await world.shim.kill()
  await world.startShim({ oauth_issuer: [webIssuer.url], ...trusted(), permission_sets: world.lexicons })
  const reply = await session.mint()
  assert.equal(reply.status, 200, reply.text)
})

test('shims with the same secret take each other\'s nonces', async () => {
  const secret = join(world.folder, 'dpop_secret')
  await writeFile(secret, randomBytes(32))
  const session = await Session.create(webIssuer)
  for (const wanted of [401, 200]) {
    await world.shim.kill()
    await world.startShim({ oauth_issuer: [webIssuer.url], ...trusted(), dpop_secret: secret })
    assert.equal((await session.send(await session.proof())).status, wanted)
  }
})

/** A session of an account whose PDS is at `pds`, by its DID document. */
async function sessionOf(pds) {
  const viewer = await Viewer.create()
  world.directory.documents.set(viewer.did, {
    ...viewer.document,
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds }],
  })
  return Session.create(webIssuer, { did: viewer.did })
}

test('an issuer that is not trusted for all speaks for the accounts of the servers that name it', async () => {
  await world.shim.kill()
  await world.startShim({ oauth_issuer: [webIssuer.url] })
  const session = await sessionOf(webIssuer.url)
  const reply = await session.mint()
  assert.equal(reply.status, 200, reply.text)
  await world.assertActive(reply.json.token, session)
})

test('it does not speak for an account of another server: 401', async () => {
  const otherPds = await Issuer.start()
  try {
    const reply = await (await sessionOf(otherPds.url)).mint()
    assert.equal(reply.status, 401, reply.text)
    assert.equal(reply.json.error, 'InvalidToken')
    assert.match(reply.headers['www-authenticate'], /^DPoP error="invalid_token"/)
    const stranger = await (await Session.create(webIssuer)).mint()
    assert.equal(stranger.json.error, 'InvalidToken', 'no such account')
  } finally {
    otherPds.close()
  }
})

test('a server or a directory that cannot be asked for the issuer is an outage, never a 401', async () => {
  const failingPds = await Issuer.start()
  try {
    failingPds.failing = true
    const session = await sessionOf(failingPds.url)
    assert.equal((await session.mint()).json.error, 'UpstreamFailure')
    const unknown = await Session.create(webIssuer)
    world.directory.fault = 'failing'
    const reply = await unknown.mint()
    assert.equal(reply.status, 502, reply.text)
    assert.equal(reply.json.error, 'UpstreamFailure')
  } finally {
    world.directory.fault = 'none'
    failingPds.close()
  }
})
