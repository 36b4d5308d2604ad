// Tokens are revoked and listed with grpcurl.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { World } from './support/world.mjs'

let world
before(async () => (world = await World.start()))
after(() => world.stop())

const revokedCount = async (target) => {
  const reply = await world.grpc('Revoke', target)
  assert.ok(reply.ok, JSON.stringify(reply))
  return reply.ok.revoked_count ?? 0
}

async function list(did, options = {}) {
  const reply = await world.grpc('ListTokens', { did, ...options })
  assert.ok(reply.ok, JSON.stringify(reply))
  return reply.ok
}

test('revoked by the token itself, and by nothing else of the account', async () => {
  const viewer = await world.newViewer()
  const [token, other] = [await world.mint(viewer), await world.mint(viewer)]
  assert.equal(await revokedCount({ token }), 1)
  await world.assertRefused(token, 'REVOKED')
  await world.assertActive(other, viewer)
})

test('revoked by its public name', async () => {
  const viewer = await world.newViewer()
  const token = await world.mint(viewer)
  const { token_id } = await world.assertActive(token, viewer)
  assert.equal(await revokedCount({ token_id }), 1)
  await world.assertRefused(token, 'REVOKED')
})

test('revoked with the whole account; a token minted afterwards lives', async () => {
  const viewer = await world.newViewer()
  const bystander = await world.newViewer()
  const tokens = [await world.mint(viewer), await world.mint(viewer)]
  const untouched = await world.mint(bystander)
  assert.equal(await revokedCount({ did: viewer.did }), 2)
  for (const token of tokens) await world.assertRefused(token, 'REVOKED')
  await world.assertActive(untouched, bystander)
  await world.assertActive(await world.mint(viewer), viewer)
})

test('revoking again, or what is not there, is OK and counts 0', async () => {
  const viewer = await world.newViewer()
  const token = await world.mint(viewer)
  assert.equal(await revokedCount({ token }), 1)
  assert.equal(await revokedCount({ token }), 0)
  assert.equal(await revokedCount({ token: 'nonsense' }), 0)
  assert.equal(await revokedCount({ token_id: '0'.repeat(32) }), 0)
  assert.equal(await revokedCount({ did: 'did:web:nobody.didpic.dev' }), 0)
})

test('a revocation without a target is INVALID_ARGUMENT', async () => {
  assert.equal((await world.grpc('Revoke', {})).code, 3)
})

test('a list shows live tokens, newest first, without their secrets', async () => {
  const viewer = await world.newViewer()
  const minted = []
  for (const label of ['phone', 'tablet', 'watch']) {
    minted.push((await world.grpc('Mint', { did: viewer.did, label })).ok)
  }
  const { tokens } = await list(viewer.did)
  assert.deepEqual(tokens.map((token) => token.label), ['watch', 'tablet', 'phone'])
  assert.deepEqual(tokens.map((token) => token.token_id), minted.map((token) => token.token_id).reverse())
  assert.ok(!JSON.stringify(tokens).includes('dpwt_'))
})

test('a list goes on from page to page and shows inactive tokens on request', async () => {
  const viewer = await world.newViewer()
  const gone = await world.mint(viewer)
  for (let i = 0; i < 4; ++i) await world.mint(viewer)
  await revokedCount({ token: gone })
  assert.equal((await list(viewer.did)).tokens.length, 4)

  const seen = []
  let pageToken
  do {
    const page = await list(viewer.did, { page_size: 2, page_token: pageToken, include_inactive: true })
    seen.push(...(page.tokens ?? []))
    pageToken = page.next_page_token
  } while (pageToken)
  assert.equal(new Set(seen.map((token) => token.token_id)).size, 5)
  assert.equal(seen.length, 5)
  assert.equal(seen.filter((token) => token.revoke_time).length, 1)
})
