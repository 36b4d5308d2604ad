// Too many requests of one viewer, or from one address, are refused until there is room again.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { MINT } from './support/identity.mjs'
import { curl } from './support/http.mjs'
import { policyText, World } from './support/world.mjs'

let world
before(async () => {
  world = await World.prepare()
  await setPolicy({ rateLimits: 'per_viewer: 2 per_address: 4 window { seconds: 3600 }' })
  await world.startTokenService()
  await world.startShim({ client_address_header: 'X-Forwarded-For' })
})
after(() => world?.stop())

const setPolicy = (options) => writeFile(world.policy, policyText(options))
const from = (address) => ({ headers: { 'x-forwarded-for': `203.0.113.200, ${address}` } })

test('a viewer over his limit gets 429 and is told when to come back', async () => {
  const viewer = await world.newViewer()
  for (const left of ['1', '0']) {
    const reply = await world.callMint(await viewer.serviceJwt(), from(`198.51.100.${left}`))
    assert.equal(reply.status, 200, reply.text)
    assert.equal(reply.headers['ratelimit-policy'], '2;w=3600')
    assert.equal(reply.headers['ratelimit-limit'], '2')
    assert.equal(reply.headers['ratelimit-remaining'], left)
    assert.ok(Number(reply.headers['ratelimit-reset']) > Date.now() / 1000, 'an instant, not a duration')
    assert.equal(reply.headers['retry-after'], undefined)
  }
  const refused = await world.callMint(await viewer.serviceJwt(), from('198.51.100.3'))
  assert.equal(refused.status, 429)
  assert.equal(refused.json.error, 'RateLimitExceeded')
  assert.ok(Number(refused.headers['retry-after']) > 1700)
  assert.equal((await world.callMint(await (await world.newViewer()).serviceJwt(), from('198.51.100.4'))).status, 200)
})

test('an address over its limit gets 429 whoever calls; health does not count', async () => {
  const statuses = []
  for (let i = 0; i < 5; ++i) statuses.push((await curl(world.url(`/xrpc/${MINT}`), { method: 'POST', ...from('198.51.100.9') })).status)
  assert.deepEqual(statuses, [401, 401, 401, 401, 429])
  const viewer = await world.newViewer()
  assert.equal((await world.callMint(await viewer.serviceJwt(), from('198.51.100.9'))).status, 429)
  assert.equal((await curl(world.url('/xrpc/_health'), from('198.51.100.9'))).status, 200)
})

async function reload(program, event) {
  const before = program.output.length
  program.signal('SIGHUP')
  await program.printed(new RegExp(`"event":"${event}"`), before)
}

test('limits follow the policy on SIGHUP; a faulty one changes nothing', async () => {
  const viewer = await world.newViewer()
  await setPolicy({ rateLimits: 'per_viewer: 0' })
  await reload(world.shim, 'policy_rejected')
  assert.equal((await world.callMint(await viewer.serviceJwt(), from('198.51.100.20'))).headers['ratelimit-policy'], '2;w=3600')
  await setPolicy({ rateLimits: 'per_viewer: 7 window { seconds: 60 }' })
  await reload(world.shim, 'policy_reloaded')
  const reply = await world.callMint(await viewer.serviceJwt(), from('198.51.100.20'))
  assert.equal(reply.headers['ratelimit-policy'], '7;w=60')
  assert.equal(reply.headers['ratelimit-remaining'], '6')
})

test('two shims together let an account mint no faster than one', async () => {
  await setPolicy({ mintsPerHour: 2 })
  await reload(world.tokenService, 'policy_reloaded')
  await reload(world.shim, 'policy_reloaded')
  const viewer = await world.newViewer()
  await world.mint(viewer)
  await world.startShim()
  await world.mint(viewer)
  const refused = await world.callMint(await viewer.serviceJwt())
  assert.equal(refused.status, 429, refused.text)
  assert.equal(refused.json.error, 'RateLimitExceeded')
  assert.equal(refused.headers['ratelimit-policy'], '2;w=3600')
  assert.equal(refused.headers['ratelimit-remaining'], '0')
  const wait = Number(refused.headers['retry-after'])
  assert.ok(wait > 3500 && wait <= 3600, refused.headers['retry-after'])
  await world.mint(await world.newViewer())
})
