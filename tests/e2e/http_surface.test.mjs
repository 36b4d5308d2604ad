// The shim's HTTP face besides minting: routes, verbs, CORS, health.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { curl } from './support/http.mjs'
import { MINT, SERVICE_DID } from './support/identity.mjs'
import { World } from './support/world.mjs'

let world
before(async () => (world = await World.start()))
after(() => world.stop())

const call = (path, options) => curl(world.url(path), options)

async function assertError(reply, status, error) {
  assert.equal(reply.status, status, reply.text)
  assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual(Object.keys(reply.json), ['error', 'message'])
  assert.equal(reply.json.error, error)
  assert.equal(reply.headers['access-control-allow-origin'], '*')
}

test('GET on a procedure is 405 and says what is allowed', async () => {
  const reply = await call(`/xrpc/${MINT}`)
  await assertError(reply, 405, 'InvalidRequest')
  assert.match(reply.headers.allow, /\bPOST\b/)
})

test('a method that is not ours is 501', async () => {
  await assertError(await call('/xrpc/app.didpic.feed.getTimeline'), 501, 'MethodNotImplemented')
})

test('a path that is no NSID is 400', async () => {
  await assertError(await call('/xrpc/a..b', { method: 'POST' }), 400, 'InvalidRequest')
})

test('a path outside /xrpc is 404', async () => {
  await assertError(await call('/elsewhere'), 404, 'XRPCNotSupported')
})

test('a preflight is answered for any origin and the headers asked for', async () => {
  const reply = await call(`/xrpc/${MINT}`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://didpic.example', 'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,atproto-proxy',
    },
  })
  assert.equal(reply.status, 204)
  assert.equal(reply.headers['access-control-allow-origin'], '*')
  assert.match(reply.headers['access-control-allow-methods'], /\bPOST\b/)
  assert.match(reply.headers['access-control-allow-headers'], /authorization/i)
  assert.ok(Number(reply.headers['access-control-max-age']) > 0)
})

test('the DID document names the service and where it is', async () => {
  const reply = await call('/.well-known/did.json')
  assert.equal(reply.status, 200)
  assert.equal(reply.json.id, SERVICE_DID)
  const service = reply.json.service.find((entry) => entry.id.endsWith('#didpic_appview'))
  assert.equal(service.serviceEndpoint, 'https://api.didpic.example')
})

test('robots are told to stay away', async () => {
  const reply = await call('/robots.txt')
  assert.equal(reply.status, 200)
  assert.match(reply.headers['content-type'], /^text\/plain/)
  assert.match(reply.text, /User-agent: \*/i)
})

test('a header block larger than 8 KiB is 431, a body larger than 64 KiB is 413', async () => {
  const large = await call(`/xrpc/${MINT}`, { method: 'POST', headers: { 'x-large': 'x'.repeat(10_000) } })
  assert.equal(large.status, 431)
  const body = await call(`/xrpc/${MINT}`, {
    method: 'POST', headers: { 'content-type': 'application/json', expect: '' }, args: ['--data-binary', 'x'.repeat(70_000)],
  })
  assert.equal(body.status, 413)
})

test('a request id of the client is returned; one is made where there is none', async () => {
  assert.equal((await call('/robots.txt', { headers: { 'x-request-id': 'abc-123' } })).headers['x-request-id'], 'abc-123')
  assert.match((await call('/robots.txt')).headers['x-request-id'], /^[A-Za-z0-9._-]{1,48}$/)
})

test('many requests go over one connection', async () => {
  const url = world.url('/robots.txt')
  // curl prints its count of new connections after each transfer: 1 for the first, 0 for the second.
  const reply = await curl(url, { args: ['-w', '\n%{num_connects}\n', url] })
  assert.deepEqual(reply.text.match(/^\d$/gm), ['1', '0'])
})
