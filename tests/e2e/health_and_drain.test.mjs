// Health as probes see it, and the orderly end of both programs.
import { afterEach, beforeEach, test } from 'node:test'
import assert from 'node:assert/strict'
import { checkHealth, health } from './support/grpc.mjs'
import { curl } from './support/http.mjs'
import { World } from './support/world.mjs'

let world
beforeEach(async () => (world = await World.start()))
afterEach(() => world.stop())

test('token_service reports health on both ports, for the whole server and by name', async () => {
  for (const address of [world.grpcAddress, world.healthAddress]) {
    assert.equal(await checkHealth(address), 'SERVING', address)
    for (const service of ['TokenService', 'SessionService', 'AdminService', 'AuditService']) {
      assert.equal(await checkHealth(address, `didpic.token.v1.${service}`), 'SERVING', `${service} at ${address}`)
    }
  }
})

test('SIGTERM: token_service says NOT_SERVING, then exits 0', async () => {
  const statuses = health(world.healthAddress, { method: 'Watch' })
  assert.equal((await statuses.next()).value, 'SERVING')
  world.tokenService.signal('SIGTERM')
  assert.equal((await statuses.next()).value, 'NOT_SERVING')
  assert.deepEqual(await world.tokenService.exit(), { code: 0, signal: null })
})

test('SIGTERM: the shim finishes what it has begun, then exits 0', async () => {
  const viewer = await world.newViewer()
  const asked = world.directory.hold()
  const mint = world.callMint(await viewer.serviceJwt())
  const release = await asked
  world.shim.signal('SIGTERM')
  await world.shim.printed(/"event":"draining"/)
  release()
  assert.equal((await mint).status, 200)
  assert.deepEqual(await world.shim.exit(), { code: 0, signal: null })
})

test('SIGINT ends both programs as SIGTERM does', async () => {
  for (const program of [world.shim, world.tokenService]) {
    program.signal('SIGINT')
    assert.deepEqual(await program.exit(), { code: 0, signal: null })
  }
})

test('the shim is healthy with the token service and 503 without', async () => {
  const healthUrl = world.url('/xrpc/_health')
  assert.equal((await curl(healthUrl)).status, 200)
  await world.tokenService.kill()
  assert.equal((await curl(healthUrl)).status, 503)
})

test('the shim starts before the token service and says 503 until it is there', async () => {
  await world.tokenService.kill()
  await world.shim.kill()
  await world.startShim()
  assert.equal((await curl(world.url('/xrpc/_health'))).status, 503)
})
