// An AppView asks about tokens with grpcurl, which learns the contract from the server's reflection.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { listServices } from './support/grpc.mjs'
import { ALLOWED_METHOD, FORBIDDEN_METHOD, World } from './support/world.mjs'

let world
let viewer
let token
before(async () => {
  world = await World.start()
  viewer = await world.newViewer()
  token = await world.mint(viewer)
})
after(() => world.stop())

test('reflection names the service', async () => {
  assert.ok((await listServices(world.grpcAddress)).includes('didpic.token.v1.TokenService'))
})

test('an active token tells whose it is', async () => {
  const active = await world.assertActive(token, viewer)
  assert.equal(active.profile, 'widget')
  assert.match(active.token_id, /^[0-9a-f]{32}$/)
  assert.equal(Date.parse(active.expire_time) - Date.parse(active.issue_time), 365 * 24 * 3600 * 1000)
})

test('a method outside the allow-list is refused', () => world.assertRefused(token, 'METHOD_NOT_ALLOWED', FORBIDDEN_METHOD))

test('without a method it tells only that the token is alive', async () => {
  assert.equal((await world.validate(token, '')).active?.did, viewer.did)
})

test('a text that is no token is MALFORMED', async () => {
  const wrongChecksum = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
  for (const text of ['', 'dpwt_', wrongChecksum, `${token} `, token.toUpperCase(), 'x'.repeat(4096)]) {
    await world.assertRefused(text, 'MALFORMED')
  }
})

test('a well-formed token that was never minted is UNKNOWN', async () => {
  // From a store of its own, so that the form and the checksum are right.
  const other = await World.prepare()
  try {
    await other.startTokenService()
    const stranger = await other.grpc('Mint', { did: viewer.did })
    await world.assertRefused(stranger.ok.token, 'UNKNOWN')
  } finally {
    await other.stop()
  }
})

test('a token larger than 4 KiB is RESOURCE_EXHAUSTED', async () => {
  const reply = await world.grpc('Validate', { token: 'x'.repeat(4097), method: ALLOWED_METHOD })
  assert.equal(reply.code, 8, JSON.stringify(reply))
})

test('a batch answers each request in its place', async () => {
  const requests = [
    { token, method: ALLOWED_METHOD },
    { token: 'nonsense', method: ALLOWED_METHOD },
    { token, method: FORBIDDEN_METHOD },
    { token: 'x'.repeat(4097), method: ALLOWED_METHOD },
    { token },
  ]
  const { ok } = await world.grpc('BatchValidate', { requests })
  const summary = ok.responses.map((verdict) => verdict.active?.did ?? verdict.refusal.reason)
  assert.deepEqual(summary, [viewer.did, 'MALFORMED', 'METHOD_NOT_ALLOWED', 'MALFORMED', viewer.did])
})

test('a batch of more than 1,000 is INVALID_ARGUMENT and names the field', async () => {
  const reply = await world.grpc('BatchValidate', { requests: Array(1001).fill({ token: 'x' }) })
  assert.equal(reply.code, 3)
  assert.match(JSON.stringify(reply.details), /"field":\s*"requests"/)
})

test('a malformed field of Mint is INVALID_ARGUMENT and named', async () => {
  for (const [field, request] of [
    ['did', { did: 'not-a-did' }],
    ['did', {}],
    ['label', { did: viewer.did, label: 'x'.repeat(129) }],
    ['client_id', { did: viewer.did, client_id: 'x'.repeat(2049) }],
    ['idempotency_key', { did: viewer.did, idempotency_key: 'two words' }],
  ]) {
    const reply = await world.grpc('Mint', request)
    assert.equal(reply.code, 3, JSON.stringify(request))
    assert.match(JSON.stringify(reply.details), new RegExp(`"field":\\s*"${field}"`))
  }
})

test('the same idempotency key names the token that it made', async () => {
  const request = { did: viewer.did, idempotency_key: 'install-1' }
  const first = await world.grpc('Mint', request)
  const again = await world.grpc('Mint', request)
  assert.equal(again.code, 6)
  assert.equal(again.reason, 'IDEMPOTENCY_KEY_USED')
  assert.equal(again.metadata.token_id, first.ok.token_id)
})
