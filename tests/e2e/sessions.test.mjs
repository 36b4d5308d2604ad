// Sessions as the reference PDS serves them: what comes back, rotation that races and reruns agree on, and every way to end one.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import * as jose from 'jose'
import { curl } from './support/http.mjs'
import { DELETE, GET, REFRESH, SessionWorld, idOf } from './support/sessions.mjs'

const PUBLIC_URL = 'https://api.didpic.example'

let sessions
let world
before(async () => {
  sessions = await SessionWorld.start()
  world = sessions.world
})
after(() => sessions?.stop())

test('a refresh gives the successor and all that clients ask for', async () => {
  const viewer = await world.newViewer()
  const session = await sessions.begin(viewer)
  const reply = await sessions.call(REFRESH, session.refreshJwt)
  assert.equal(reply.status, 200, reply.text)
  assert.equal(reply.headers['cache-control'], 'no-store')
  const { accessJwt, refreshJwt, didDoc, ...account } = reply.json
  assert.deepEqual(account, { handle: 'viewer.didpic.example', did: viewer.did, emailConfirmed: false, active: true })
  assert.equal(didDoc.id, viewer.did)
  assert.deepEqual(didDoc.verificationMethod, viewer.document.verificationMethod)
  assert.equal(didDoc.service, undefined, 'clients would send our JWTs to the PDS')
  assert.notEqual(idOf(refreshJwt), idOf(session.refreshJwt))
  const got = await sessions.call(GET, accessJwt)
  assert.equal(got.status, 200, got.text)
  assert.deepEqual(got.json, { ...account, didDoc })
})

test('the JWTs can be checked by the published keys', async () => {
  const published = await curl(world.url('/.well-known/jwks.json'))
  assert.equal(published.status, 200, published.text)
  assert.match(published.headers['cache-control'], /^public, max-age=\d+$/)
  const keys = jose.createLocalJWKSet(published.json)
  const { did, accessJwt, refreshJwt } = await sessions.begin()
  for (const [jwt, typ] of [[accessJwt, 'at+jwt'], [refreshJwt, 'refresh+jwt']]) {
    const { payload } = await jose.jwtVerify(jwt, keys, { typ })
    assert.equal(payload.sub, did)
  }
})

for (const count of [10, 100]) {
  test(`${count} refreshes at the same time get one successor`, async () => {
    const { refreshJwt } = await sessions.begin()
    const headers = { authorization: `Bearer ${refreshJwt}` }
    const replies = await Promise.all(Array.from({ length: count }, () =>
      fetch(world.url(`/xrpc/${REFRESH}`), { method: 'POST', headers })))
    assert.deepEqual(new Set(replies.map((reply) => reply.status)), new Set([200]))
    const outputs = await Promise.all(replies.map((reply) => reply.json()))
    assert.equal(new Set(outputs.map((output) => idOf(output.refreshJwt))).size, 1)
    for (const output of [outputs[0], outputs[count - 1]]) await sessions.refresh(output.refreshJwt)
  })
}

test('a retry after a lost reply gets the same successor, which goes on', async () => {
  const { refreshJwt } = await sessions.begin()
  const lost = await sessions.refresh(refreshJwt)
  const again = await sessions.refresh(refreshJwt)
  assert.equal(idOf(again.refreshJwt), idOf(lost.refreshJwt))
  await sessions.refresh(again.refreshJwt)
})

test('deleteSession with a JWT from before a rotation ends the new ones too, and can be repeated', async () => {
  const old = await sessions.begin()
  const next = await sessions.refresh(old.refreshJwt)
  for (let i = 0; i < 2; ++i) {
    const reply = await sessions.call(DELETE, old.refreshJwt)
    assert.equal(reply.status, 200, reply.text)
    assert.equal(reply.text, '')
  }
  for (const jwt of [old.refreshJwt, next.refreshJwt]) await sessions.assertRefused(REFRESH, jwt, 400, 'ExpiredToken')
  await sessions.assertRefused(GET, next.accessJwt, 400, 'ExpiredToken')
})

test('deleteSession takes a refresh JWT that has expired', async () => {
  const session = await sessions.begin()
  assert.equal((await sessions.call(DELETE, await sessions.expired(session.refreshJwt))).status, 200)
  await sessions.assertRefused(REFRESH, session.refreshJwt, 400, 'ExpiredToken')
})

test('revoking an account ends its sessions', async () => {
  const session = await sessions.begin()
  assert.ok((await world.grpc('Revoke', { did: session.did })).ok)
  await sessions.assertRefused(REFRESH, session.refreshJwt, 400, 'ExpiredToken')
})

for (const status of ['TAKENDOWN', 'SUSPENDED']) {
  test(`${status}: 401 AccountTakedown, until it is active again`, async () => {
    const session = await sessions.begin()
    await sessions.setStatus(session.did, status)
    await sessions.assertRefused(REFRESH, session.refreshJwt, 401, 'AccountTakedown')
    await sessions.assertRefused(GET, session.accessJwt, 401, 'AccountTakedown')
    await sessions.setStatus(session.did, 'ACTIVE')
    await sessions.refresh(session.refreshJwt)
  })
}

test('a deactivated account refreshes and is told so', async () => {
  const session = await sessions.begin()
  await sessions.setStatus(session.did, 'DEACTIVATED')
  const { accessJwt, active, status } = await sessions.refresh(session.refreshJwt)
  assert.deepEqual({ active, status }, { active: false, status: 'deactivated' })
  assert.equal((await sessions.call(GET, accessJwt)).json.status, 'deactivated')
})

const REFUSED = [
  ['no Authorization', 401, 'AuthMissing', () => ({ authorization: '' })],
  ['Basic', 401, 'AuthMissing', () => ({ authorization: 'Basic YTpi' })],
  ['an unknown scheme', 400, 'InvalidToken', (s) => ({ authorization: `Token ${s.refreshJwt}` })],
  ['no JWT', 400, 'InvalidToken', () => ({ authorization: 'Bearer dpwt_x' })],
  ['an access JWT', 400, 'InvalidToken', (s) => ({ authorization: `Bearer ${s.accessJwt}` })],
  ['a broken signature', 400, 'InvalidToken', (s) => ({ authorization: `Bearer ${s.refreshJwt.slice(0, -8)}AAAAAAAA` })],
  ['expired', 400, 'ExpiredToken', async (s) => ({ authorization: `Bearer ${await sessions.expired(s.refreshJwt)}` })],
  ['another audience', 400, 'InvalidToken',
    async (s) => ({ authorization: `Bearer ${await sessions.forge(s.refreshJwt, { aud: 'did:web:pds.example' })}` })],
  ['no jti', 401, 'MissingTokenId',
    async (s) => ({ authorization: `Bearer ${await sessions.forge(s.refreshJwt, { jti: undefined })}` })],
  ['a body', 400, 'InvalidRequest', (s) => ({ authorization: `Bearer ${s.refreshJwt}`, args: ['-d', '{}'] })],
  ['GET', 405, 'InvalidRequest', (s) => ({ authorization: `Bearer ${s.refreshJwt}`, method: 'GET' })],
]
for (const [what, status, error, options] of REFUSED) {
  test(`refreshSession, ${what}: ${status} ${error}`, async () => {
    const session = await sessions.begin()
    const reply = await sessions.call(REFRESH, undefined, await options(session))
    assert.equal(reply.status, status, reply.text)
    assert.equal(reply.json.error, error, reply.text)
    assert.equal(reply.headers['access-control-allow-origin'], '*')
    await sessions.refresh(session.refreshJwt)
  })
}

test('an empty chunked body is no body', async () => {
  const { refreshJwt } = await sessions.begin()
  const reply = await sessions.call(REFRESH, refreshJwt, { headers: { 'transfer-encoding': 'chunked' }, args: ['-d', ''] })
  assert.equal(reply.status, 200, reply.text)
})

/** An app with a DPoP key. */
class BoundApp {
  static async begin() {
    const app = new BoundApp()
    app.key = await jose.generateKeyPair('ES256')
    app.jwk = await jose.exportJWK(app.key.publicKey)
    app.session = await sessions.begin({ dpop_jkt: await jose.calculateJwkThumbprint(app.jwk) })
    return app
  }

  async send(method, jwt, htm) {
    const proof = await new jose.SignJWT({
      jti: randomBytes(16).toString('hex'), htm, htu: `${PUBLIC_URL}/xrpc/${method}`, nonce: this.nonce,
      ath: createHash('sha256').update(jwt).digest('base64url'),
    }).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: this.jwk }).setIssuedAt().sign(this.key.privateKey)
    const reply = await sessions.call(method, undefined, { authorization: `DPoP ${jwt}`, headers: { dpop: proof } })
    this.nonce = reply.headers['dpop-nonce']
    return reply
  }
}

test('a bound session is refreshed by its key, with a nonce of ours', async () => {
  const app = await BoundApp.begin()
  const first = await app.send(REFRESH, app.session.refreshJwt, 'POST')
  assert.equal(first.status, 401)
  assert.equal(first.json.error, 'UseDpopNonce')
  const second = await app.send(REFRESH, app.session.refreshJwt, 'POST')
  assert.equal(second.status, 200, second.text)
  assert.ok(app.nonce, 'every answer has one')
  assert.equal((await app.send(GET, second.json.accessJwt, 'GET')).status, 200)
  assert.equal((await app.send(DELETE, second.json.refreshJwt, 'POST')).status, 200)
})

test('a bound session is of no use without its key, and is not consumed by the attempt', async () => {
  const owner = await BoundApp.begin()
  const thief = await BoundApp.begin()
  await sessions.assertRefused(REFRESH, owner.session.refreshJwt, 400, 'InvalidToken')
  await sessions.assertRefused(DELETE, owner.session.refreshJwt, 400, 'InvalidToken')
  await thief.send(REFRESH, owner.session.refreshJwt, 'POST')
  const reply = await thief.send(REFRESH, owner.session.refreshJwt, 'POST')
  assert.equal(reply.status, 401, reply.text)
  assert.equal(reply.json.error, 'InvalidToken')
  assert.match(reply.headers['www-authenticate'], /^DPoP error="invalid_token"/)
  await owner.send(REFRESH, owner.session.refreshJwt, 'POST')
  assert.equal((await owner.send(REFRESH, owner.session.refreshJwt, 'POST')).status, 200)
})

test('a directory that is down ends no session', async () => {
  const session = await sessions.begin()
  world.directory.fault = 'failing'
  const output = await sessions.refresh(session.refreshJwt)
  world.directory.fault = 'none'
  assert.equal(output.handle, 'handle.invalid')
  assert.equal(output.didDoc, undefined)
})

test('no outage looks like a lost session', async () => {
  const session = await sessions.begin()
  await sessions.withoutTokenService(async () => {
    for (const [method, jwt] of [[REFRESH, session.refreshJwt], [GET, session.accessJwt], [DELETE, session.refreshJwt]]) {
      await sessions.assertRefused(method, jwt, 502, 'UpstreamFailure')
    }
  })
  await sessions.refresh(session.refreshJwt)
})
