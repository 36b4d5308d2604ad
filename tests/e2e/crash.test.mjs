// The token service is killed without warning; what it had acknowledged is there when it comes back.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { World } from './support/world.mjs'

let world
before(async () => (world = await World.start()))
after(() => world.stop())

test('tokens and revocations survive kill -9, and the shim finds its way back', async () => {
  const viewer = await world.newViewer()
  const account = await world.newViewer()
  const live = await world.mint(viewer)
  const revoked = await world.mint(viewer)
  const revokedWithAccount = await world.mint(account)
  assert.equal((await world.grpc('Revoke', { token: revoked })).ok.revoked_count, 1)
  assert.equal((await world.grpc('Revoke', { did: account.did })).ok.revoked_count, 1)

  assert.equal((await world.tokenService.kill()).signal, 'SIGKILL')
  const whileDown = await world.callMint(await viewer.serviceJwt())
  assert.equal(whileDown.status, 502, whileDown.text)
  assert.equal(whileDown.json.error, 'UpstreamFailure')

  await world.startTokenService()
  await world.assertActive(live, viewer)
  await world.assertRefused(revoked, 'REVOKED')
  await world.assertRefused(revokedWithAccount, 'REVOKED')
  await world.assertActive(await mintOnceConnected(viewer), viewer)
})

test('a proof that minted before the crash mints nothing after it', async () => {
  const viewer = await world.newViewer()
  const jwt = await viewer.serviceJwt()
  assert.equal((await world.callMint(jwt)).status, 200)
  await world.tokenService.kill()
  await world.startTokenService()
  await mintOnceConnected(viewer)
  const replay = await world.callMint(jwt)
  assert.equal(replay.status, 401, replay.text)
  assert.equal(replay.json.error, 'JwtReplayed')
})

/** The shim's channel reconnects with back-off: until then it answers 502, which asks its client to try again. */
async function mintOnceConnected(viewer) {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const reply = await world.callMint(await viewer.serviceJwt())
    if (reply.status === 200) return reply.json.token
    assert.equal(reply.status, 502, reply.text)
    await pause(200)
  }
  assert.fail('the shim did not reconnect within 20 s')
}
