// Who may mint: every credential that is not a fresh proof by the viewer's own key is refused, each by its name.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { MINT, SERVICE_DID, Viewer } from './support/identity.mjs'
import { World } from './support/world.mjs'

let world
let viewer
before(async () => {
  world = await World.start()
  viewer = await world.newViewer()
})
after(() => world.stop())

const INVALID_TOKEN = 'Bearer error="invalid_token"'
const nowSeconds = () => Math.floor(Date.now() / 1000)

/** Changes one part of a JWT (0 header, 1 payload), leaving its signature as it was. */
function withPart(jwt, index, change) {
  const parts = jwt.split('.')
  const object = change(JSON.parse(Buffer.from(parts[index], 'base64url')))
  parts[index] = Buffer.from(JSON.stringify(object)).toString('base64url')
  return parts.join('.')
}

/** Signs any header and payload with the viewer's key, as the reference library would not. */
async function signed(header, payload) {
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = await viewer.keypair.sign(Buffer.from(text))
  return `${text}.${Buffer.from(signature).toString('base64url')}`
}

const claims = (more = {}) => ({
  iss: viewer.did, aud: SERVICE_DID, lxm: MINT, iat: nowSeconds(), exp: nowSeconds() + 60,
  jti: Math.random().toString(36), ...more,
})

const REFUSED = [
  ['a JWT that expired a second ago', 'JwtExpired',
    () => viewer.serviceJwt({ iat: nowSeconds() - 120, exp: nowSeconds() - 60 })],
  ['a JWT that lives longer than an hour', 'JwtTooOld', () => viewer.serviceJwt({ exp: nowSeconds() + 7200 })],
  ['a JWT from the future', 'JwtNotYetValid',
    () => viewer.serviceJwt({ iat: nowSeconds() + 600, exp: nowSeconds() + 660 })],
  ['a JWT for another service', 'BadJwtAudience', () => viewer.serviceJwt({ aud: 'did:web:other.didpic.dev' })],
  ['a JWT for another service of the same DID', 'BadJwtAudience',
    () => viewer.serviceJwt({ aud: `${SERVICE_DID}#other_service` })],
  ['a JWT for another method', 'BadJwtLexiconMethod', () => viewer.serviceJwt({ lxm: 'app.didpic.feed.getTimeline' })],
  ['a JWT for the method in another letter case', 'BadJwtLexiconMethod',
    () => viewer.serviceJwt({ lxm: MINT.toLowerCase() })],
  ['a JWT for no method', 'BadJwtLexiconMethod', () => viewer.serviceJwt({ lxm: null })],
  ['a JWT whose issuer has a fragment', 'BadJwtIss', () => viewer.serviceJwt({ iss: `${viewer.did}#atproto` })],
  ['a JWT whose issuer nobody knows', 'BadJwtIss', async () => (await Viewer.create()).serviceJwt()],
  ['a JWT signed by another key', 'BadJwtSignature',
    async () => new Viewer(viewer.did, (await Viewer.create()).keypair).serviceJwt()],
  ['a JWT signed by a key of the other curve', 'BadJwtSignature',
    async () => new Viewer(viewer.did, (await Viewer.create({ algorithm: 'ES256' })).keypair).serviceJwt()],
  ['a JWT whose claims were changed after signing', 'BadJwtSignature',
    async () => withPart(await viewer.serviceJwt(), 1, (payload) => ({ ...payload, jti: 'changed' }))],
  ['a JWT without a signature', 'BadJwt', async () => withPart(await viewer.serviceJwt(), 0, (header) => ({ ...header, alg: 'none' }))],
  ['an access token', 'BadJwtType', () => signed({ typ: 'at+jwt', alg: 'ES256K' }, claims())],
  ['an access token in capitals', 'BadJwtType', () => signed({ typ: 'AT+JWT', alg: 'ES256K' }, claims())],
  ['a JWT with an array of audiences', 'BadJwt', () => signed({ typ: 'JWT', alg: 'ES256K' }, claims({ aud: [SERVICE_DID] }))],
  ['a JWT with a text for an expiry', 'BadJwt', () => signed({ typ: 'JWT', alg: 'ES256K' }, claims({ exp: '9999999999' }))],
  ['a JWT that must be understood critically', 'BadJwt',
    () => signed({ typ: 'JWT', alg: 'ES256K', crit: ['b64'], b64: false }, claims())],
  ['two parts of a JWT', 'BadJwt', async () => (await viewer.serviceJwt()).split('.').slice(0, 2).join('.')],
  ['a JWT whose header is not JSON', 'BadJwt',
    async () => ['bm90IGpzb24', ...(await viewer.serviceJwt()).split('.').slice(1)].join('.')],
  ['a text that is no JWT', 'BadJwt', () => 'secret'],
]

for (const [what, error, credential] of REFUSED) {
  test(`${what}: ${error}`, async () => {
    const reply = await world.callMint(await credential())
    assert.equal(reply.status, 401, reply.text)
    assert.equal(reply.json.error, error, reply.text)
    assert.equal(reply.headers['www-authenticate'], INVALID_TOKEN)
    assert.equal(reply.json.token, undefined)
  })
}

test('no credential: AuthMissing with a challenge', async () => {
  const reply = await world.callMint(undefined)
  assert.equal(reply.status, 401)
  assert.equal(reply.json.error, 'AuthMissing')
  assert.equal(reply.headers['www-authenticate'], 'Bearer')
})

test('a widget token mints no other: InsufficientScope', async () => {
  const reply = await world.callMint(await world.mint(viewer))
  assert.equal(reply.status, 403, reply.text)
  assert.equal(reply.json.error, 'InsufficientScope')
  assert.equal(reply.headers['www-authenticate'], 'Bearer error="insufficient_scope"')
})

test('the scheme is taken in any letter case', async () => {
  const reply = await world.callMint(undefined, { headers: { authorization: `bEaReR ${await viewer.serviceJwt()}` } })
  assert.equal(reply.status, 200, reply.text)
})

test('a refused proof is not used up: its viewer still mints', async () => {
  const proof = await signed({ typ: 'JWT', alg: 'ES256K' }, claims({ jti: 'mine' }))
  const forged = withPart(proof, 1, (payload) => ({ ...payload, exp: payload.exp - 1 }))
  assert.equal((await world.callMint(forged)).json.error, 'BadJwtSignature')
  assert.equal((await world.callMint(proof)).status, 200)
})

test('cheap refusals ask no directory', async () => {
  const before = world.directory.requests.length
  const stranger = await Viewer.create()
  await world.callMint(await stranger.serviceJwt({ aud: 'did:web:other.didpic.dev' }))
  await world.callMint(await stranger.serviceJwt({ lxm: 'app.didpic.feed.getTimeline' }))
  assert.equal(world.directory.requests.length, before)
})
