// Both programs over mutual TLS, with the certificates and the roles that scripts/dev-certs makes.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { grpcurl } from './support/grpc.mjs'
import { curl } from './support/http.mjs'
import { run } from './support/program.mjs'
import { ALLOWED_METHOD, policyText, World } from './support/world.mjs'

const DEV_CERTS = join(process.env.DEVELOPMENT_FIXTURES, '..', 'dev-certs')

let world
let certificates
before(async () => {
  world = await World.prepare()
  certificates = join(world.folder, 'certificates')
  await devCerts()
  await writeFile(world.policy, policyText() + (await readFile(join(certificates, 'callers.textproto'), 'utf8')))
  await world.startTokenService({ ...serverFlags(), metrics_listen: '127.0.0.1:0' })
  await world.startShim(shimFlags('xrpc_shim'))
})
after(() => world.stop())

const file = (name) => join(certificates, name)

async function devCerts(...args) {
  const made = await run(DEV_CERTS, [certificates, ...args])
  assert.equal(made.code, 0, made.stderr)
}

function serverFlags() {
  return {
    tls_cert: file('server.pem'), tls_key: file('server.key'), tls_client_ca: file('ca.pem'), tls_crl: file('crl.pem'),
  }
}

/** A shim that presents NAME.pem. */
function shimFlags(name) {
  return {
    token_service: `localhost:${world.grpcAddress.split(':').pop()}`,
    tls_cert: file(`${name}.pem`), tls_key: file(`${name}.key`), tls_ca: file('ca.pem'),
  }
}

/** Calls as the holder of NAME.pem. */
function callAs(name, method, request, options = {}) {
  const tls = { ca: file('ca.pem'), certificate: file(`${name}.pem`), key: file(`${name}.key`) }
  return grpcurl(world.grpcAddress, method, request, { ...options, tls })
}

test('a token is minted through the shim, validated by an AppView and revoked by an admin', async () => {
  const viewer = await world.newViewer()
  const token = await world.mint(viewer)
  const verdict = await callAs('appview', 'Validate', { token, method: ALLOWED_METHOD })
  assert.equal(verdict.ok?.active?.did, viewer.did, JSON.stringify(verdict))
  assert.equal((await callAs('admin', 'Revoke', { token })).ok?.revoked_count, 1)
  assert.equal((await callAs('appview', 'Validate', { token })).ok?.refusal?.reason, 'REVOKED')
  const audit = (await exported()).filter(({ did }) => did === viewer.did)
  assert.deepEqual(audit.map(({ action, caller, token_id, outcome }) => [action, caller.split('/').pop(), token_id, outcome]), [
    ['MINT', 'xrpc_shim', verdict.ok.active.token_id, 'widget'], ['REVOKE', 'admin', verdict.ok.active.token_id, 'revoked'],
  ])
})

/** The records of the audit, as an auditor reads them. */
async function exported() {
  const reply = await callAs('auditor', 'Export', {}, { service: 'didpic.token.v1.AuditService' })
  assert.ok(reply.ok, JSON.stringify(reply))
  return reply.ok.items.flatMap(({ record }) => record ?? [])
}

test('the wrong role is refused, by name, in the answer and in the log', async () => {
  const did = (await world.newViewer()).did
  for (const [name, method, request, options] of [
    ['appview', 'Mint', { did }],
    ['appview', 'ListTokens', { did }],
    ['xrpc_shim', 'Validate', { token: 'x' }],
    ['auditor', 'Revoke', { did }],
    ['auditor', 'SetAccountStatus', { did, status: 'TAKENDOWN' }, { service: 'didpic.token.v1.AdminService' }],
  ]) {
    const reply = await callAs(name, method, request, options)
    assert.equal(reply.reason, 'ROLE_MISSING', `${name} ${method}: ${JSON.stringify(reply)}`)
  }
  await world.tokenService.printed(
    /"method":"Mint","code":"PERMISSION_DENIED","error":"ROLE_MISSING".*"caller":"spiffe:\/\/development.didpic.example\/appview"/)
})

test('a refused admin call is in the audit, by the name of its caller', async () => {
  const refuse = () => callAs('xrpc_shim', 'SetAccountStatus', { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa', status: 'TAKENDOWN' },
    { service: 'didpic.token.v1.AdminService', headers: { 'x-request-id': 'refused-1' } })
  assert.equal((await refuse()).reason, 'ROLE_MISSING')
  const deadline = Date.now() + 20_000
  for (;;) {
    const record = (await exported()).find(({ request_id }) => request_id === 'refused-1')
    if (record) {
      assert.equal(record.action, 'REFUSED_ADMIN_CALL')
      assert.equal(record.caller, 'spiffe://development.didpic.example/xrpc_shim')
      assert.equal(record.outcome, 'SetAccountStatus ROLE_MISSING 1')
      assert.equal(record.did ?? '', '')
      return
    }
    assert.ok(Date.now() < deadline, 'the refusal is not in the audit')
  }
})

test("a shim without its role is the operator's fault and not the viewer's", async () => {
  await world.startShim(shimFlags('appview'))
  const reply = await world.callMint(await (await world.newViewer()).serviceJwt())
  assert.equal(reply.status, 500, reply.text)
  assert.equal(reply.json.error, 'InternalServerError')
  await world.startShim(shimFlags('xrpc_shim'))
})

test('a replaced certificate of the server is served to new connections while old ones go on', async () => {
  const before = (await callAs('appview', 'Validate', { token: 'x' })).ok
  assert.ok(before)
  const old = await servedCertificate()
  await rm(file('server.pem'))
  await devCerts()
  const deadline = Date.now() + 40_000
  while ((await servedCertificate()) === old) {
    assert.ok(Date.now() < deadline, 'the new certificate is not served')
    assert.ok((await callAs('appview', 'Validate', { token: 'x' })).ok)
    await world.mint(await world.newViewer())
  }
  await world.mint(await world.newViewer())
})

/** The certificate that the server presents now. */
async function servedCertificate() {
  const shown = await run('sh', ['-c',
    `openssl s_client -connect ${world.grpcAddress} -cert ${file('admin.pem')} -key ${file('admin.key')} -alpn h2 </dev/null`])
  const found = /-----BEGIN CERTIFICATE-----[^-]+/.exec(shown.stdout)
  assert.ok(found, shown.stderr)
  return found[0]
}

test('damaged certificates and a damaged revocation list change nothing, and log and metric say so', async () => {
  const metrics = await world.tokenService.listener('metrics')
  const rejected = async (what) =>
    Number(new RegExp(`didpic_reloads_total\\{outcome="rejected",what="${what}"\\} (\\d+)`).exec((await curl(`http://${metrics}/metrics`)).text)[1])
  const names = ['server.pem', 'ca.pem', 'crl.pem']
  const good = await Promise.all(names.map((name) => readFile(file(name))))
  const ca = join(world.folder, 'ca_of_the_client.pem')
  await writeFile(ca, good[1])
  const tls = { ca, certificate: file('appview.pem'), key: file('appview.key') }
  const from = world.tokenService.output.length
  for (const name of names) await writeFile(file(name), 'damaged')
  await Promise.all([/certificates_rejected".*server\.pem: does not hold/, /certificates_rejected".*ca\.pem: does not hold/, /crl_rejected"/]
    .map((line) => world.tokenService.printed(line, from)))
  assert.equal(await rejected('certificates'), 2)
  assert.equal(await rejected('crl'), 1)
  const reply = await grpcurl(world.grpcAddress, 'Validate', { token: 'x' }, { tls })
  assert.ok(reply.ok, JSON.stringify(reply))
  for (const [index, name] of names.entries()) await writeFile(file(name), good[index])
  await Promise.all([/certificates_reloaded".*server\.pem"/, /certificates_reloaded".*ca\.pem"/, /"crl_read"/]
    .map((line) => world.tokenService.printed(line, from)))
})

test('a certificate that is revoked loses its access while the program runs', async () => {
  assert.ok((await callAs('auditor', 'ListTokens', { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' })).ok)
  await devCerts('revoke', 'auditor')
  await world.tokenService.printed(/"event":"crl_read".*revoked certificates: 1"/)
  await assert.rejects(callAs('auditor', 'ListTokens', { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' }))
  assert.ok((await callAs('appview', 'Validate', { token: 'x' })).ok)
})

test('faulty certificates, a faulty revocation list or a policy without callers keep the program from starting', async () => {
  const other = { store: `rocksdb:${join(world.folder, 'other')}`, ...serverFlags() }
  for (const [flags, fault] of [
    [{ tls_cert: file('crl.pem') }, /^token_service: --tls_…: .*crl\.pem: does not hold PEM certificates$/m],
    [{ tls_key: file('admin.key') }, /^token_service: --tls_…: .*server\.pem: the private key is not that of the certificate$/m],
    [{ tls_crl: file('ca.pem') }, /^token_service: --tls_crl: .*revocation list/m],
    [{ tls_crl: file('absent.pem') }, /^token_service: --tls_crl: /m],
    [{ policy: await policyWithoutCallers() }, /^token_service: --policy: callers: at least one/m],
  ]) {
    const program = world.launchTokenService({ ...other, ...flags })
    assert.equal((await program.exit()).code, 2, program.output)
    assert.match(program.output, fault)
  }
})

async function policyWithoutCallers() {
  const path = join(world.folder, 'no_callers.textproto')
  await writeFile(path, policyText())
  return path
}
