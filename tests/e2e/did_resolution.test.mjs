// Where the viewer's key comes from, and what happens when it cannot be had.
import { after, before, beforeEach, test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { SERVICE_DID, Viewer } from './support/identity.mjs'
import { WEB_HOST, World } from './support/world.mjs'

let world
before(async () => (world = await World.start()))
beforeEach(() => {
  world.directory.fault = 'none'
  world.webHost.fault = 'none'
})
after(() => world.stop())

async function assertFails(viewer, status, error) {
  const reply = await world.callMint(await viewer.serviceJwt())
  assert.equal(reply.status, status, reply.text)
  assert.equal(reply.json.error, error)
  assert.equal(reply.headers['www-authenticate'], undefined, 'an outage must not look like bad credentials')
}

const requestsFor = (did) => world.directory.requests.filter((url) => decodeURIComponent(url).includes(did)).length

test('a document is fetched once for many mints', async () => {
  const viewer = await world.newViewer()
  for (let i = 0; i < 3; ++i) await world.mint(viewer)
  assert.equal(requestsFor(viewer.did), 1)
})

test('a key rotated in the directory is found by a forced refresh; the old one signs no more', async () => {
  const viewer = await world.newViewer()
  await world.mint(viewer)
  const old = new Viewer(viewer.did, viewer.keypair)
  await viewer.rotateKey('ES256')
  world.directory.publish(viewer)
  await world.assertActive(await mintOnceRefreshed(viewer), viewer)
  assert.equal(requestsFor(viewer.did), 2)
  const reply = await world.callMint(await old.serviceJwt())
  assert.equal(reply.status, 401)
  assert.equal(reply.json.error, 'BadJwtSignature')
})

/** The shim fetches a document at most every 10 s, however many signatures do not fit. */
async function mintOnceRefreshed(viewer) {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const reply = await world.callMint(await viewer.serviceJwt())
    if (reply.status === 200) return reply.json.token
    assert.equal(reply.json.error, 'BadJwtSignature', reply.text)
    await pause(500)
  }
  assert.fail('the new key was not found within 20 s')
}

test('wrong signatures do not drive requests to the directory', async () => {
  const viewer = await world.newViewer()
  const impostor = new Viewer(viewer.did, (await Viewer.create()).keypair)
  for (let i = 0; i < 10; ++i) {
    assert.equal((await world.callMint(await impostor.serviceJwt())).json.error, 'BadJwtSignature')
  }
  assert.ok(requestsFor(viewer.did) <= 2, `${requestsFor(viewer.did)} requests`)
})

test('a directory that fails is 502, never 401', async () => {
  const viewer = await world.newViewer()
  world.directory.fault = 'failing'
  await assertFails(viewer, 502, 'UpstreamFailure')
})

test('a directory that never answers is 504, never 401', async () => {
  const viewer = await world.newViewer()
  world.directory.fault = 'silent'
  await assertFails(viewer, 504, 'UpstreamTimeout')
})

test('a directory that is down is 502, never 401', async () => {
  const shim = await World.prepare()
  try {
    const viewer = await shim.newViewer()
    await shim.startTokenService()
    // Nothing listens on the discard port.
    await shim.startShim({ plc_url: 'http://127.0.0.1:9' })
    const reply = await shim.callMint(await viewer.serviceJwt())
    assert.equal(reply.status, 502, reply.text)
    assert.equal(reply.json.error, 'UpstreamFailure')
  } finally {
    await shim.stop()
  }
})

test('an account mints from the cache while the directory is down', async () => {
  const viewer = await world.newViewer()
  await world.mint(viewer)
  world.directory.fault = 'failing'
  await world.mint(viewer)
})

test('a did:web host that fails is 502; once it answers, its account mints', async () => {
  const viewer = await Viewer.create({ did: `did:web:${WEB_HOST}` })
  world.webHost.publish(viewer)
  world.webHost.fault = 'failing'
  await assertFails(viewer, 502, 'UpstreamFailure')
  world.webHost.fault = 'none'
  await world.assertActive(await world.mint(viewer), viewer)
})

test('a document about somebody else is refused', async () => {
  const viewer = await Viewer.create()
  const other = await Viewer.create()
  world.directory.documents.set(viewer.did, other.document)
  const reply = await world.callMint(await viewer.serviceJwt())
  assert.equal(reply.status, 401, reply.text)
  assert.equal(reply.json.error, 'BadJwtIss')
})

test('an account of a method that is not atproto is refused unasked', async () => {
  const { keypair } = await Viewer.create()
  const viewer = new Viewer(keypair.did(), keypair)
  const reply = await world.callMint(await viewer.serviceJwt({ aud: SERVICE_DID }))
  assert.equal(reply.status, 401)
  assert.equal(reply.json.error, 'BadJwtIss')
})
