// An account is taken down, deactivated and made active again with grpcurl.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { World } from './support/world.mjs'

let world
before(async () => (world = await World.start()))
after(() => world.stop())

const admin = (method, request) => world.grpc(method, request, { service: 'didpic.token.v1.AdminService' })

for (const [status, error] of [['TAKENDOWN', 'AccountTakedown'], ['SUSPENDED', 'AccountTakedown'], ['DEACTIVATED', 'AccountDeactivated']]) {
  test(`${status}: tokens are refused and none is minted, until it is active again`, async () => {
    const viewer = await world.newViewer()
    const token = await world.mint(viewer)
    const set = await admin('SetAccountStatus', { did: viewer.did, status })
    assert.equal(set.ok?.account.status, status, JSON.stringify(set))
    await world.assertRefused(token, 'ACCOUNT_INACTIVE')
    const refused = await world.callMint(await viewer.serviceJwt())
    assert.equal(refused.status, 403)
    assert.equal(refused.json.error, error)
    assert.deepEqual((await admin('GetAccount', { did: viewer.did })).ok, set.ok)
    assert.equal((await world.grpc('ListTokens', { did: viewer.did })).ok.account_status, status)

    await admin('SetAccountStatus', { did: viewer.did, status: 'ACTIVE' })
    await world.assertActive(token, viewer)
    await world.assertActive(await world.mint(viewer), viewer)
  })
}
