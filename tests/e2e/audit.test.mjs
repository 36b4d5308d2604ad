// The audit: exported as a stream, proven by an implementation of its own, signed by a key from a file.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Admin, assertProven, exportAudit, hashOf } from './support/audit.mjs'
import { run } from './support/program.mjs'
import { World } from './support/world.mjs'

const CHANGES = 3000

let world
let keyFile
before(async () => {
  world = await World.prepare()
  await makeKey('audit')
  keyFile = join(world.folder, 'key.pem')
  await copyFile(join(world.folder, 'audit.pem'), keyFile)
  await chmod(keyFile, 0o600)
  await world.startTokenService({ audit_key: keyFile, audit_checkpoint_interval: '1s' })
})
after(() => world.stop())

/** As docs/operations.md says: NAME.pem and, of its public half, NAME.pub.pem. */
async function makeKey(name) {
  const [key, publicKey] = [join(world.folder, `${name}.pem`), join(world.folder, `${name}.pub.pem`)]
  for (const args of [['genpkey', '-algorithm', 'ED25519', '-out', key], ['pkey', '-in', key, '-pubout', '-out', publicKey]]) {
    const made = await run('openssl', args)
    assert.equal(made.code, 0, made.stderr)
  }
}

const publicKey = (name) => readFile(join(world.folder, `${name}.pub.pem`), 'utf8')

/** Takes down and brings back accounts: CHANGES of them, many at a time. */
async function changeManyAccounts() {
  const admin = new Admin(world.grpcAddress)
  let next = 0
  const worker = async () => {
    for (let i = next++; i < CHANGES; i = next++) {
      await admin.setStatus(`did:plc:${String(i).padStart(24, '2').replaceAll(/[0189]/g, 'a')}`, i % 2 ? 'TAKENDOWN' : 'SUSPENDED')
    }
  }
  await Promise.all(Array.from({ length: 64 }, worker))
  admin.close()
}

/** Exports until the newest record is under a signature. */
async function exportWhenSigned(keys) {
  const deadline = Date.now() + 20_000
  for (;;) {
    const exported = await exportAudit(world.grpcAddress)
    const proven = assertProven(exported.items, keys)
    if (proven.sequence > 0n && proven.signedUpTo === proven.sequence) return { ...exported, ...proven }
    assert.ok(Date.now() < deadline, 'the end of the audit is not signed')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('an export of thousands of records proves itself, and names who did what', async () => {
  const token = await world.grpc('Mint', { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' }, { headers: { 'x-request-id': 'mint-1' } })
  await world.grpc('Revoke', { token_id: token.ok.token_id }, { headers: { 'x-request-id': 'revoke-1' } })
  await changeManyAccounts()
  const { items, messages, sequence } = await exportWhenSigned([await publicKey('audit')])
  const records = items.flatMap(({ record }) => record ?? [])
  assert.ok(records.length > CHANGES / 2 && BigInt(records.length) === sequence)
  assert.ok(messages > 1 && messages < records.length / 100, `${messages} messages for ${records.length} records`)
  const [mint, revoke] = records
  for (const [record, action, request, outcome] of [[mint, 1, 'mint-1', 'widget'], [revoke, 2, 'revoke-1', 'revoked']]) {
    assert.equal(record.action, action)
    assert.equal(record.caller, 'plaintext')
    assert.equal(record.request_id, request)
    assert.equal(record.did, 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa')
    assert.equal(record.token_id, token.ok.token_id)
    assert.equal(record.outcome, outcome)
  }
  for (const change of [{ outcome: 'gadget' }, { caller: '' }, { action: 3 }]) {
    assert.notDeepEqual(hashOf({ ...mint, ...change }), mint.hash, 'the proof of this test sees a change')
  }
})

test('an export goes on after a record, or holds a period, and is one line in the log', async () => {
  const all = (await exportAudit(world.grpcAddress)).items.flatMap(({ record }) => record ?? [])
  const { items } = await exportAudit(world.grpcAddress, { after_sequence: 1000 }, { 'x-request-id': 'the-rest' })
  assert.deepEqual(items.flatMap(({ record }) => record ?? []), all.slice(1000))
  await world.tokenService.printed(/"request_id":"the-rest"/, 0)
  assert.equal(world.tokenService.output.match(/"request_id":"the-rest"/g).length, 1)
  const [first, last] = [all[1].time, all[1500].time]
  const period = (await exportAudit(world.grpcAddress, { from_time: first, to_time: last })).items
  const key = ({ seconds, nanos }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
  const inPeriod = all.filter(({ time }) => key(time) >= key(first) && key(time) < key(last))
  assert.deepEqual(period.flatMap(({ record }) => record?.sequence ?? []), inPeriod.map(({ sequence }) => sequence))
})

test('SIGHUP: another key signs from then on, a bad file changes nothing', async () => {
  await makeKey('next')
  const reload = async (event) => {
    const from = world.tokenService.output.length
    world.tokenService.signal('SIGHUP')
    await world.tokenService.printed(new RegExp(`"event":"${event}"`), from)
  }
  await writeFile(keyFile, 'no key')
  await reload('audit_key_rejected')
  await exportWhenSigned([await publicKey('audit')])
  await copyFile(join(world.folder, 'next.pem'), keyFile)
  await chmod(keyFile, 0o644)
  await reload('audit_key_exposed"[^]*"event":"audit_key_reloaded')
  await chmod(keyFile, 0o600)
  await reload('audit_key_reloaded')
  const { items } = await exportWhenSigned([await publicKey('audit'), await publicKey('next')])
  const reloads = items.flatMap(({ record }) => (record?.action === 5 ? record : []))
  assert.deepEqual(reloads.map(({ caller, outcome }) => `${caller} ${outcome}`), Array(3).fill('SIGHUP adopted'))
  const named = await run('sh', ['-c',
    `openssl pkey -pubin -in ${join(world.folder, 'next.pub.pem')} -outform DER | sha256sum | cut -c1-16`])
  assert.equal(items.at(-1).checkpoint.key_id, named.stdout.trim())
})

test('a clean stop signs the end, and verify-audit proves it by the public halves', async () => {
  await world.grpc('Mint', { did: 'did:plc:bbbbbbbbbbbbbbbbbbbbbbbb' })
  assert.equal((await world.tokenService.terminate()).code, 0)
  const verify = (...flags) =>
    run(process.env.TOKEN_SERVICE, ['verify-audit', `--store=rocksdb:${world.store}`, ...flags])
  const [old, next] = ['audit', 'next'].map((name) => `--audit_public_key=${join(world.folder, `${name}.pub.pem`)}`)
  const proven = await verify(old, next)
  assert.equal(proven.code, 0, proven.stderr)
  assert.match(proven.stdout, /^token_service: the audit holds: (\d+):[0-9a-f]{64}; signed up to record \1 by the key [0-9a-f]{16} .* not signed: 0$/m)
  const head = /holds: (\d+:[0-9a-f]{64})/.exec(proven.stdout)[1]
  assert.equal((await verify(`--audit_head=${head}`)).code, 0)
  assert.match((await verify()).stdout, /signatures of its checkpoints were not checked/)
  const unknown = await verify(old)
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /^token_service: --audit_public_key: checkpoint \d+: signed by the key/)
})

test('a store without a key has no checkpoints, and exports all the same', async () => {
  await world.startTokenService({ store: 'memory:' })
  await world.grpc('Mint', { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' })
  const { items } = await exportAudit(world.grpcAddress)
  assert.deepEqual(assertProven(items, []), { sequence: 1n, signedUpTo: 0n })
})
