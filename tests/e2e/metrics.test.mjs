// What both programs tell Prometheus, by real HTTP, while they are used and misused.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { curl } from './support/http.mjs'
import { MINT, randomPlcDid } from './support/identity.mjs'
import { ALLOWED_METHOD, policyText, World } from './support/world.mjs'

const METRICS = { metrics_listen: '127.0.0.1:0' }
const ADMIN = { service: 'didpic.token.v1.AdminService' }

let world
before(async () => {
  world = await World.prepare()
  await world.startTokenService(METRICS)
  await world.startShim(METRICS)
})
after(() => world.stop())

async function scrape(program) {
  const reply = await curl(`http://${await program.listener('metrics')}/metrics`)
  assert.equal(reply.status, 200)
  return reply.text
}

/** The value of a series as it is written, `name{label="value"}`; undefined if it is not there. */
function valueOf(text, series) {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line && Number(line.slice(series.length + 1))
}

/** How far each of these series of a program moves while `during` runs. */
async function movement(program, series, during) {
  const [from, , to] = [await scrape(program), await during(), await scrape(program)]
  return series.map((one) => (valueOf(to, one) ?? 0) - (valueOf(from, one) ?? 0))
}

const verdict = (name) => `didpic_validate_verdicts_total{verdict="${name}"}`
const calls = (method, code, role) => `didpic_rpc_requests_total{code="${code}",method="${method}",role="${role}"}`
const requests = (method, status) => `didpic_shim_http_requests_total{method="${method}",status="${status}"}`
const reloads = (what, outcome) => `didpic_reloads_total{outcome="${outcome}",what="${what}"}`

test('token_service counts mints, verdicts and revocations', async () => {
  const viewer = await world.newViewer()
  const moved = await movement(world.tokenService, [
    'didpic_tokens_minted_total{profile="widget"}', calls('Mint', 'OK', 'minter'), 'didpic_live_tokens',
    verdict('active'), verdict('method_not_allowed'), verdict('unknown'), verdict('malformed'), verdict('revoked'),
    calls('Validate', 'OK', 'validator'), calls('Validate', 'INVALID_ARGUMENT', 'validator'),
    'didpic_rpc_duration_seconds_count{method="Validate"}', 'didpic_tokens_revoked_total',
  ], async () => {
    const [one, other] = [await world.mint(viewer), await world.mint(viewer)]
    await world.assertActive(one, viewer)
    await world.assertRefused(one, 'METHOD_NOT_ALLOWED', 'app.didpic.feed.getWidgetPosts')
    await world.assertRefused('dpwt_nonsense', 'MALFORMED')
    assert.equal((await world.grpc('Validate', { token: one, method: 'no NSID' })).code, 3)
    const reply = await world.grpc('BatchValidate', { requests: [{ token: one, method: ALLOWED_METHOD }, { token: other, method: ALLOWED_METHOD }] })
    assert.equal(reply.ok.responses.length, 2)
    await world.grpc('Revoke', { token: one })
    await world.assertRefused(one, 'REVOKED')
  })
  assert.deepEqual(moved, [2, 2, 1, 3, 1, 0, 1, 1, 4, 1, 5, 1])
})

test('the shim counts requests by method and status, DID look-ups, and what it refuses for its rate', async () => {
  const viewer = await world.newViewer()
  const moved = await movement(world.shim, [
    requests(MINT, 200), requests(MINT, 401), requests('other', 501), requests('other', 200),
    `didpic_shim_http_duration_seconds_count{method="${MINT}"}`,
    'didpic_shim_did_resolutions_total{outcome="fetched"}', 'didpic_shim_did_resolutions_total{outcome="fresh"}',
    'didpic_shim_did_resolutions_total{outcome="absent"}',
  ], async () => {
    await world.mint(viewer)
    await world.mint(viewer)
    assert.equal((await world.callMint('')).status, 401)
    const stranger = await world.newViewer()
    world.directory.documents.delete(stranger.did)
    await world.callMint(await stranger.serviceJwt())
    assert.equal((await curl(world.url('/xrpc/app.didpic.feed.getNothing'))).status, 501)
    assert.equal((await curl(world.url('/xrpc/_health'))).status, 200)
  })
  assert.deepEqual(moved.slice(2), [1, 1, 4, 1, 1, 1])
  assert.equal(moved[0], 2)
  assert.ok(moved[1] >= 1)

  await writeFile(world.policy, policyText({ rateLimits: 'per_viewer: 1 per_address: 1000' }))
  world.shim.signal('SIGHUP')
  await world.shim.printed(/"event":"policy_reloaded"/)
  const [refused] = await movement(world.shim, ['didpic_shim_rate_limited_total{kind="viewer"}'], async () => {
    await world.mint(viewer)
    assert.equal((await world.callMint(await viewer.serviceJwt())).status, 429)
  })
  assert.equal(refused, 1)
  await writeFile(world.policy, policyText())
})

test('no DID, token, JWT or address is in what they tell, whatever they were asked', async () => {
  const viewer = await world.newViewer()
  const jwt = await viewer.serviceJwt()
  const token = await world.mint(viewer)
  await world.assertActive(token, viewer)
  await world.grpc('Revoke', { did: viewer.did })
  await world.grpc('Mint', { did: viewer.did, profile: token })
  await world.grpc('SetAccountStatus', { did: randomPlcDid(), status: 'TAKENDOWN' }, ADMIN)
  for (const path of [`/xrpc/${token}`, `/${viewer.did}`, `/xrpc/app.example.${token.slice(5)}`, `/xrpc/${MINT}?did=${viewer.did}`]) {
    await curl(world.url(path))
  }
  await world.callMint(jwt)
  for (const program of [world.tokenService, world.shim]) {
    const text = await scrape(program)
    for (const secret of [viewer.did, viewer.did.slice(8), token, token.slice(5, 40), jwt.slice(0, 30), '127.0.0.1', world.folder]) {
      assert.ok(!text.includes(secret), `${program.name}: ${secret}`)
    }
    assert.doesNotMatch(text, /did:|dpwt_|eyJ|\d+\.\d+\.\d+\.\d+/)
  }
})

test('reloads of the policy are counted, and the one in force has its digest', async () => {
  const digestOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 12)
  const good = policyText({ maxLiveTokens: 63 })
  for (const program of [world.tokenService, world.shim]) {
    const reload = async (text, event) => {
      await writeFile(world.policy, text)
      const from = program.output.length
      program.signal('SIGHUP')
      await program.printed(new RegExp(`"event":"${event}"`), from)
    }
    const loadTime = async () => valueOf(await scrape(program), 'didpic_policy_load_timestamp_seconds')
    const before = await loadTime()
    let accepted
    const moved = await movement(program, [reloads('policy', 'accepted'), reloads('policy', 'rejected')], async () => {
      await reload(good, 'policy_reloaded')
      accepted = await loadTime()
      await reload('profiles {', 'policy_rejected')
      await reload('profiles { nonsense: 1 }', 'policy_rejected')
    })
    assert.deepEqual(moved, [1, 2], program.name)
    const text = await scrape(program)
    assert.equal(valueOf(text, `didpic_policy_info{digest="${digestOf(good)}"}`), 1)
    assert.equal(text.match(/^didpic_policy_info\{/gm).length, 1)
    assert.ok(accepted > before, program.name)
    assert.equal(await loadTime(), accepted, 'what is rejected is not in force')
  }
  const stats = await world.grpc('GetStats', {}, ADMIN)
  assert.equal(stats.ok.policy_digest, digestOf(good), JSON.stringify(stats))
  await writeFile(world.policy, policyText())
})

test('GetStats tells what the metrics tell', async () => {
  const text = await scrape(world.tokenService)
  const { ok: stats } = await world.grpc('GetStats', {}, ADMIN)
  assert.equal(valueOf(text, `didpic_build_info{version="${stats.version}"}`), 1)
  assert.equal(Number(stats.live_tokens ?? 0), valueOf(text, 'didpic_live_tokens'))
  assert.equal(Number(stats.store.free_reserve_bytes), valueOf(text, 'didpic_store_free_reserve_bytes'))
  assert.equal(Math.floor(Date.parse(stats.start_time) / 1000), Math.floor(valueOf(text, 'process_start_time_seconds')))
  assert.ok(Number(stats.store.size_bytes) > 0 && Number(stats.store.free_bytes) > 0)
  assert.equal(stats.last_backup_time, undefined)
})

test('an address that cannot be listened on is one line and exit 2', async () => {
  const taken = await world.tokenService.listener('metrics')
  const other = { store: 'memory:', grpc_listen: '127.0.0.1:0' }
  for (const [address, said] of [[taken, `cannot listen on ${taken}`], ['localhost:9464', 'must be IPv4:PORT'], ['[::1]:0', 'must be IPv4:PORT']]) {
    const program = world.launchTokenService({ ...other, metrics_listen: address })
    assert.deepEqual(await program.exit(), { code: 2, signal: null })
    assert.match(program.output, new RegExp(`^token_service: --metrics_listen: ${said.replace(/[.[\]]/g, '\\$&')}$`, 'm'))
    assert.doesNotMatch(program.output, /^listening/m)
  }
  const shim = world.launch(process.env.XRPC_SHIM, { service_did: 'did:web:api.didpic.example', http_listen: '127.0.0.1:0', metrics_listen: taken })
  assert.deepEqual(await shim.exit(), { code: 2, signal: null })
  assert.match(shim.output, new RegExp(`^xrpc_shim: --metrics_listen: cannot listen on ${taken}$`, 'm'))
})

test('without the flag there is no such listener', async () => {
  const program = world.launchTokenService({ store: 'memory:', grpc_listen: '127.0.0.1:0' })
  await program.listener('health')
  assert.doesNotMatch(program.output, /listening metrics/)
  await program.terminate()
})
