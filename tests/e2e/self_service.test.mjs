// Viewers list and revoke their tokens over XRPC; the reference library holds our lexicons and answers against each other.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Lexicons } from '@atproto/lexicon'
import { MINT } from './support/identity.mjs'
import { curl } from './support/http.mjs'
import { World } from './support/world.mjs'

const LIST = 'app.didpic.identity.listWidgetTokens'
const REVOKE = 'app.didpic.identity.revokeWidgetToken'
const REVOKE_ALL = 'app.didpic.identity.revokeAllWidgetTokens'
const PERMISSION_SET = 'app.didpic.authManageWidgetTokens'

let world
const lexicons = new Lexicons()
before(async () => {
  for (const nsid of [MINT, LIST, REVOKE, REVOKE_ALL, PERMISSION_SET]) {
    const file = join(process.env.LEXICONS, `${nsid.replaceAll('.', '/')}.json`)
    lexicons.add(JSON.parse(await readFile(file, 'utf8')))
  }
  world = await World.start()
})
after(() => world?.stop())

/** Calls a method with a credential, and checks a good answer against its lexicon. */
async function call(nsid, credential, { input, query = '' } = {}) {
  const body = input === undefined ? [] : ['--data-binary', JSON.stringify(input)]
  const type = input === undefined ? {} : { 'content-type': 'application/json' }
  const reply = await curl(world.url(`/xrpc/${nsid}${query}`), {
    method: nsid === LIST ? 'GET' : 'POST', headers: { authorization: `Bearer ${credential}`, ...type }, args: body,
  })
  if (reply.status === 200) lexicons.assertValidXrpcOutput(nsid, reply.json)
  return reply
}

const as = async (viewer, nsid, options) => call(nsid, await viewer.serviceJwt({ lxm: nsid }), options)

async function list(viewer, query) {
  const reply = await as(viewer, LIST, { query })
  assert.equal(reply.status, 200, reply.text)
  assert.ok(!reply.text.includes('dpwt_'))
  return reply.json
}

test('every lexicon is one for the reference library', () => {
  assert.deepEqual([MINT, LIST, REVOKE, REVOKE_ALL].map((nsid) => lexicons.getDefOrThrow(nsid).type),
    ['procedure', 'query', 'procedure', 'procedure'])
  assert.equal(lexicons.getDefOrThrow(PERMISSION_SET).type, 'permission-set')
})

test('a viewer names a token, sees it, and revokes it by its id', async () => {
  const viewer = await world.newViewer()
  const minted = await as(viewer, MINT, { query: '?label=Anna%E2%80%99s+iPhone' })
  assert.equal(minted.status, 200, minted.text)
  const { tokens: [token] } = await list(viewer)
  assert.equal(token.label, 'Anna’s iPhone')
  assert.equal(token.expiresAt, minted.json.expiresAt)
  const revoked = await as(viewer, REVOKE, { input: { id: token.id } })
  assert.equal(revoked.status, 200)
  assert.deepEqual(revoked.json, {})
  await world.assertRefused(minted.json.token, 'REVOKED')
  assert.deepEqual((await list(viewer)).tokens, [])
})

test("an id of another account's token revokes nothing, and the answer does not say so", async () => {
  const [viewer, stranger] = [await world.newViewer(), await world.newViewer()]
  const token = await world.mint(viewer)
  const { tokens: [{ id }] } = await list(viewer)
  const reply = await as(stranger, REVOKE, { input: { id } })
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.json, {})
  await world.assertActive(token, viewer)
})

test('a list goes on from page to page', async () => {
  const viewer = await world.newViewer()
  for (let i = 0; i < 3; ++i) await world.mint(viewer)
  const first = await list(viewer, '?limit=2')
  const second = await list(viewer, `?limit=2&cursor=${encodeURIComponent(first.cursor)}`)
  assert.equal(new Set([...first.tokens, ...second.tokens].map(({ id }) => id)).size, 3)
  assert.equal(second.cursor, undefined)
  assert.equal((await as(viewer, LIST, { query: '?limit=101' })).json.error, 'InvalidRequest')
})

test('a widget token revokes itself and does nothing else here', async () => {
  const viewer = await world.newViewer()
  const [token, other] = [await world.mint(viewer), await world.mint(viewer)]
  for (const refused of [
    await call(LIST, token), await call(REVOKE_ALL, token), await call(MINT, token),
    await call(REVOKE, token, { input: { token: other } }),
  ]) {
    assert.equal(refused.status, 403, refused.text)
    assert.equal(refused.json.error, 'InsufficientScope')
    assert.match(refused.headers['www-authenticate'], /insufficient_scope/)
  }
  assert.equal((await call(REVOKE, token, { input: { token } })).status, 200)
  await world.assertRefused(token, 'REVOKED')
  await world.assertActive(other, viewer)
})

test('all of a viewer at once; a token minted afterwards lives', async () => {
  const viewer = await world.newViewer()
  const tokens = [await world.mint(viewer), await world.mint(viewer)]
  assert.deepEqual((await as(viewer, REVOKE_ALL)).json, { revokedCount: 2 })
  for (const token of tokens) await world.assertRefused(token, 'REVOKED')
  await world.assertActive(await world.mint(viewer), viewer)
})

test('input is refused as the reference server refuses it', async () => {
  const viewer = await world.newViewer()
  const post = async (headers, args) => curl(world.url(`/xrpc/${REVOKE}`), {
    method: 'POST', args,
    headers: { authorization: `Bearer ${await viewer.serviceJwt({ lxm: REVOKE })}`, ...headers },
  })
  for (const [status, error, headers, args] of [
    [400, 'InvalidRequest', {}, []],
    [400, 'InvalidRequest', { 'content-type': 'application/json' }, ['--data-binary', '']],
    [400, 'InvalidRequest', { 'content-type': 'text/plain' }, ['--data-binary', '{}']],
    [400, 'InvalidRequest', { 'content-type': 'application/json' }, ['--data-binary', '{"id":"a","id":"b"}']],
    [415, 'UnsupportedMediaType', { 'content-type': 'application/json; charset=latin1' }, ['--data-binary', '{}']],
    [415, 'UnsupportedMediaType', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, ['--data-binary', '{}']],
    [413, 'PayloadTooLarge', { 'content-type': 'application/json' }, ['--data-binary', `{"x":"${'x'.repeat(70_000)}"}`]],
  ]) {
    const reply = await post(headers, args)
    assert.equal(reply.status, status, reply.text)
    assert.equal(reply.json.error, error)
  }
})

test('the verbs are those of the lexicons', async () => {
  assert.equal((await curl(world.url(`/xrpc/${LIST}`), { method: 'POST' })).status, 405)
  for (const nsid of [REVOKE, REVOKE_ALL]) assert.equal((await curl(world.url(`/xrpc/${nsid}`))).status, 405)
})

test('the last use survives a clean stop of the token service', async () => {
  const viewer = await world.newViewer()
  const token = await world.mint(viewer)
  await world.assertActive(token, viewer)
  const before = Date.now()
  await world.tokenService.terminate()
  await world.startTokenService()
  const { tokens: [{ last_used_time: lastUsed }] } = (await world.grpc('ListTokens', { did: viewer.did })).ok
  assert.match(lastUsed, /:00Z$/)
  assert.ok(Math.abs(Date.parse(lastUsed) - before) < 120_000, lastUsed)
})
