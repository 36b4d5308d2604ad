// What an admin learns of an OAuth client with grpcurl, the client's document being served over TLS.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { WEB_HOST, World } from './support/world.mjs'

const CLIENT_ID = `https://${WEB_HOST}/client.json`

let world
before(async () => {
  world = await World.prepare()
  await world.startTokenService({
    fetch_identity: true, allow_insecure_resolution: true, plc_url: world.directory.url, dns_servers: '127.0.0.1:1',
    resolver_ca_file: world.webHost.caFile, resolver_connect_to: world.webHost.connectTo,
  })
})
after(() => world.stop())

const describeClient = (clientId) =>
  world.grpc('DescribeClient', { client_id: clientId }, { service: 'didpic.token.v1.AdminService' })

const publish = (fields = {}) => world.webHost.documents.set('/client.json', {
  client_id: CLIENT_ID, client_name: 'Widgets', scope: 'atproto', redirect_uris: [`https://${WEB_HOST}/cb`],
  token_endpoint_auth_method: 'none', dpop_bound_access_tokens: true, ...fields,
})

test('a client by the rules is described', async () => {
  publish()
  const reply = await describeClient(CLIENT_ID)
  assert.deepEqual(reply.ok?.steps.map(({ name, outcome }) => `${name} ${outcome}`),
    ['client_id OK', 'fetch_document OK', 'check_document OK'], JSON.stringify(reply))
  assert.equal(reply.ok.client.type, 'PUBLIC')
  assert.equal(reply.ok.client.name, 'Widgets')
})

test('the rule that is broken is named, and acts as soon as the document changes', async () => {
  publish({ dpop_bound_access_tokens: false })
  const reply = await describeClient(CLIENT_ID)
  assert.equal(reply.ok?.steps.at(-1).rule, 'dpop_bound_access_tokens', JSON.stringify(reply))
  assert.equal(reply.ok.client, undefined)
})

test('a host that fails is not a broken rule', async () => {
  world.webHost.fault = 'failing'
  const reply = await describeClient(CLIENT_ID)
  world.webHost.fault = 'none'
  assert.equal(reply.ok?.steps.at(-1).outcome, 'UNREACHABLE', JSON.stringify(reply))
})

const discoverServer = (account) => world.grpc('DiscoverServer', account, { service: 'didpic.token.v1.AdminService' })

test('an account is followed to its server, as far as that goes', async () => {
  const viewer = await world.newViewer()
  const found = await discoverServer({ did: viewer.did })
  const outcomes = Object.fromEntries(found.ok.steps.map(({ name, outcome }) => [name, outcome]))
  assert.equal(outcomes.did_document, 'OK', JSON.stringify(found))
  assert.equal(outcomes.handle_dns, 'SKIPPED')
  assert.equal(found.ok.did, viewer.did)
  assert.equal(found.ok.steps.length, 8)
  const nobody = await discoverServer({ did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' })
  const broken = nobody.ok.steps.find(({ name }) => name === 'did_document')
  assert.deepEqual([broken.outcome, broken.rule], ['FAILED', 'did_unusable'], JSON.stringify(nobody))
  world.directory.fault = 'failing'
  const outage = await discoverServer({ did: (await world.newViewer()).did })
  world.directory.fault = 'none'
  assert.equal(outage.ok.steps.find(({ name }) => name === 'did_document').outcome, 'UNREACHABLE', JSON.stringify(outage))
})

test('without --fetch_identity nothing is asked', async () => {
  await world.tokenService.kill()
  await world.startTokenService()
  const asked = world.webHost.requests.length
  const reply = await describeClient(CLIENT_ID)
  assert.equal(reply.ok, undefined)
  assert.match(JSON.stringify(reply), /IDENTITY_FETCH_OFF/)
  assert.equal(world.webHost.requests.length, asked)
})
