// A viewer mints widget tokens over XRPC.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Viewer, MINT, SERVICE_DID, SERVICE_DID_WITH_FRAGMENT } from './support/identity.mjs'
import { TOKEN_TEXT, WEB_HOST, World } from './support/world.mjs'

let world
before(async () => (world = await World.start()))
after(() => world.stop())

const YEAR_MS = 365 * 24 * 3600 * 1000

for (const algorithm of ['ES256K', 'ES256']) {
  for (const aud of [SERVICE_DID, SERVICE_DID_WITH_FRAGMENT]) {
    test(`a did:plc viewer with an ${algorithm} key mints for the audience ${aud}`, async () => {
      const viewer = await world.newViewer({ algorithm })
      const reply = await world.callMint(await viewer.serviceJwt({ aud }))
      assert.equal(reply.status, 200, reply.text)
      assert.deepEqual(Object.keys(reply.json).sort(), ['expiresAt', 'token'])
      await world.assertActive(reply.json.token, viewer)
    })
  }
}

test('the token, its expiry and the headers have the published form', async () => {
  const viewer = await world.newViewer()
  const reply = await world.callMint(await viewer.serviceJwt())
  assert.match(reply.json.token, TOKEN_TEXT)
  assert.match(reply.json.expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const fromNow = Date.parse(reply.json.expiresAt) - Date.now()
  assert.ok(Math.abs(fromNow - YEAR_MS) < 60_000, reply.json.expiresAt)
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
})

test('a did:web viewer mints; the document comes over verified HTTPS', async () => {
  const viewer = await Viewer.create({ did: `did:web:${WEB_HOST}`, algorithm: 'ES256' })
  world.webHost.publish(viewer)
  await world.assertActive(await world.mint(viewer), viewer)
  assert.deepEqual([...new Set(world.webHost.requests)], ['/.well-known/did.json'])
})

test('a viewer whose document is in the static folder mints; no directory is asked', async () => {
  const viewer = await Viewer.create()
  await world.documents.publish(viewer)
  await world.assertActive(await world.mint(viewer), viewer)
  assert.ok(!world.directory.requests.some((url) => decodeURIComponent(url).includes(viewer.did)))
})

test('a second token leaves the first alive', async () => {
  const viewer = await world.newViewer()
  const first = await world.mint(viewer)
  const second = await world.mint(viewer)
  assert.notEqual(first, second)
  await world.assertActive(first, viewer)
  await world.assertActive(second, viewer)
})

test('the same proof mints once', async () => {
  const viewer = await world.newViewer()
  const jwt = await viewer.serviceJwt()
  const first = await world.callMint(jwt)
  const again = await world.callMint(jwt)
  assert.equal(first.status, 200)
  assert.equal(again.status, 401)
  assert.equal(again.json.error, 'JwtReplayed')
  await world.assertActive(first.json.token, viewer)
})

test('an account at its cap is refused and loses nothing', async () => {
  const viewer = await world.newViewer()
  const tokens = []
  for (let i = 0; i < 64; ++i) {
    const reply = await world.grpc('Mint', { did: viewer.did })
    tokens.push(reply.ok.token)
  }
  const refused = await world.callMint(await viewer.serviceJwt())
  assert.equal(refused.status, 400)
  assert.equal(refused.json.error, 'TokenLimitReached')
  await world.assertActive(tokens[0], viewer)
  await world.assertActive(tokens[63], viewer)
})

test('an empty chunked body is no body', async () => {
  const viewer = await world.newViewer()
  const reply = await world.callMint(await viewer.serviceJwt(), {
    headers: { 'transfer-encoding': 'chunked', 'content-type': 'application/json' },
    args: ['--data-binary', '@/dev/null'],
  })
  assert.equal(reply.status, 200, reply.text)
})

test('a body is refused, for the method takes none', async () => {
  const viewer = await world.newViewer()
  for (const headers of [{ 'content-type': 'application/json' }, { 'transfer-encoding': 'chunked' }]) {
    const reply = await world.callMint(await viewer.serviceJwt(), { headers, args: ['--data-binary', '{}'] })
    assert.equal(reply.status, 400, JSON.stringify(headers))
    assert.equal(reply.json.error, 'InvalidRequest')
  }
})

test('query parameters that the method does not know are ignored', async () => {
  const viewer = await world.newViewer()
  const reply = await world.callMint(await viewer.serviceJwt(), { args: ['-G', '-d', 'label=phone', '-X', 'POST'] })
  assert.equal(reply.status, 200, `${MINT}: ${reply.text}`)
})
