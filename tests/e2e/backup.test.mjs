// Backed up under load, destroyed, restored: every token acknowledged before the backup validates, every one revoked before
// is refused, and the audit goes on with numbers that were never given.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assertProven, exportAudit } from './support/audit.mjs'
import { run } from './support/program.mjs'
import { World } from './support/world.mjs'

const LOAD = 6 // Clients that mint and revoke at once.
const RESTORED = 7 // AuditRecord.Action.

let world
let backups
before(async () => {
  world = await World.prepare()
  backups = join(world.folder, 'backups')
  await world.startTokenService({ backup_dir: backups })
})
after(() => world.stop())

/** Mints and revokes until `stop.now`; what was acknowledged is in `ledger`, token → whether it was revoked. */
async function load(number, ledger, stop) {
  for (let i = 0; !stop.now; i++) {
    const did = `did:web:viewer-${number}-${i}.example`
    const minted = await world.grpc('Mint', { did })
    assert.ok(minted.ok, JSON.stringify(minted))
    ledger.set(minted.ok.token, false)
    if (i % 3 === 0) continue
    // By token, or with the account.
    const target = i % 3 === 1 ? { token: minted.ok.token } : { did }
    ledger.set(minted.ok.token, 'sent')
    assert.equal((await world.grpc('Revoke', target)).ok.revoked_count, 1)
    ledger.set(minted.ok.token, true)
  }
}

const admin = (method, request = {}) => world.grpc(method, request, { service: 'didpic.token.v1.AdminService' })

async function createBackup() {
  const reply = await admin('CreateBackup')
  assert.ok(reply.ok, JSON.stringify(reply))
  return reply.ok.backup
}

const command = (...args) => run(process.env.TOKEN_SERVICE, args)

/** The records of the audit, which are proven to be a chain. */
async function auditRecords() {
  const { items } = await exportAudit(world.grpcAddress)
  assertProven(items, [])
  return items.flatMap(({ record }) => record ?? [])
}

async function sizeOf(folder) {
  let sum = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    sum += entry.isDirectory() ? await sizeOf(path) : (await stat(path)).size
  }
  return sum
}

test('a store that was lost comes back as it was acknowledged', async () => {
  const ledger = new Map()
  const stop = { now: false }
  const clients = Array.from({ length: LOAD }, (_, number) => load(number, ledger, stop))
  while (ledger.size < 60) await new Promise((resolve) => setTimeout(resolve, 20))
  const promised = new Map(ledger)
  const backup = await createBackup()
  while (ledger.size < promised.size + 20) await new Promise((resolve) => setTimeout(resolve, 20))
  stop.now = true
  await Promise.all(clients)
  const replaced = await auditRecords()
  assert.ok(replaced.length > Number(backup.audit_sequence), 'the replaced store went on')

  await world.tokenService.kill()
  await rm(world.store, { recursive: true })
  const restored = await command('restore', `--backup_dir=${backups}`, `--store=rocksdb:${world.store}`)
  assert.equal(restored.code, 0, restored.stderr)
  assert.ok(restored.stdout.includes(backup.audit_head), restored.stdout)

  const verified = await command('verify', `--store=rocksdb:${world.store}`)
  assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  assert.match(verified.stdout, /: no fault$/m)
  const head = `--audit_head=${backup.audit_head}`
  const holds = await command('verify-audit', `--store=rocksdb:${world.store}`, head)
  assert.equal(holds.code, 0, holds.stderr)
  const last = replaced.at(-1)
  const lost = `--audit_head=${last.sequence}:${last.hash.toString('hex')}`
  const broken = await command('verify-audit', `--store=rocksdb:${world.store}`, lost)
  assert.equal(broken.code, 1)
  assert.match(broken.stderr, new RegExp(`record ${last.sequence}: not in this store, which was restored`))

  await world.startTokenService({ backup_dir: backups })
  for (const [token, revoked] of promised) {
    if (revoked === 'sent') continue // Revoked at that very moment: either is right.
    // What was revoked after the copy is live again, and that is so for as long as nothing keeps the later log.
    const verdict = await world.validate(token)
    if (revoked) assert.deepEqual(verdict, { refusal: { reason: 'REVOKED' } })
    else if (verdict.refusal) assert.equal(ledger.get(token), true, JSON.stringify(verdict))
    else assert.ok(verdict.active.did.startsWith('did:web:viewer-'))
  }

  const audit = await auditRecords()
  const mark = audit.findIndex((record) => record.action === RESTORED)
  assert.equal(audit[mark - 1].sequence, backup.audit_sequence)
  assert.ok(audit[mark].outcome.includes(`backup ${backup.backup_id} of `), audit[mark].outcome)
  assert.ok(audit[mark].outcome.endsWith(backup.audit_head), audit[mark].outcome)
  assert.ok(BigInt(audit[mark].sequence) > BigInt(last.sequence))
  assert.ok((await world.grpc('Mint', { did: 'did:web:later.example' })).ok)
  const after = await auditRecords()
  assert.equal(BigInt(after.at(-1).sequence), BigInt(audit.at(-1).sequence) + 1n)
})

test('the next backup copies little, and goes on from the restored store', async () => {
  await createBackup()
  const before = await sizeOf(backups)
  assert.ok((await world.grpc('Mint', { did: 'did:web:one-more.example' })).ok)
  const backup = await createBackup()
  assert.ok((await sizeOf(backups)) - before < Number(backup.size_bytes), 'it shares files')
  assert.equal((await command('verify', `--backup_dir=${backups}`, `--backup_id=${backup.backup_id}`)).code, 0)
})

test('verify refuses a store that is running', async () => {
  const refused = await command('verify', `--store=rocksdb:${world.store}`)
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /^token_service: --store: the store's directory is in use/)
})

test('a flipped byte in a backup is found by restore, which makes nothing', async () => {
  const folder = join(backups, 'shared_checksum')
  const path = join(folder, (await readdir(folder))[0])
  const backup = (await createBackup()).backup_id
  const used = (await readdir(folder)).map((name) => join(folder, name))
  assert.ok(used.includes(path))
  for (const name of used) await flip(name)
  const target = join(world.folder, 'from-damaged')
  const damaged = await command('restore', `--backup_dir=${backups}`, `--backup_id=${backup}`, `--store=rocksdb:${target}`)
  assert.equal(damaged.code, 1, damaged.stdout)
  assert.match(damaged.stderr, /^token_service: --backup_dir: backup \d+ is damaged: .*shared_checksum\/\d+_\S+\.sst/m)
  await assert.rejects(stat(target))
  await assert.rejects(stat(`${target}.restoring`))
  for (const name of used) await flip(name)
})

async function flip(path) {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, 0)
  byte[0] ^= 1
  await file.write(byte, 0, 1, 0)
  await file.close()
}

test('restore refuses a directory that holds something, and touches nothing', async () => {
  const target = join(world.folder, 'full')
  const made = await command('restore', `--backup_dir=${backups}`, `--store=rocksdb:${target}`)
  assert.equal(made.code, 0, made.stderr)
  const before = (await readdir(target)).sort()
  const refused = await command('restore', `--backup_dir=${backups}`, `--store=rocksdb:${target}`)
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /^token_service: --store: the store's directory is not empty$/m)
  assert.deepEqual((await readdir(target)).sort(), before)
})

test('directories that cannot be for backups keep the program from starting, with one line', async () => {
  const notes = join(world.folder, 'notes')
  await writeFile(notes, '')
  for (const [directory, pattern] of [
    [world.folder, /--backup_dir: is not a directory of backups: it holds /],
    [notes, /--backup_dir: is not a directory$/m],
    [join(world.folder, 'no', 'such'), /--backup_dir: the directory cannot be made/],
    [backups, /--backup_dir: another process makes backups there/],
  ]) {
    const program = world.launchTokenService({ store: `rocksdb:${join(world.folder, 'another')}`, backup_dir: directory })
    assert.equal((await program.exit()).code, 2, program.output)
    assert.match(program.output, pattern)
    if (directory !== backups && !directory.endsWith('such')) await assert.rejects(stat(join(world.folder, 'another')))
  }
  const inMemory = world.launchTokenService({ store: 'memory:', backup_dir: join(world.folder, 'b') })
  assert.equal((await inMemory.exit()).code, 2)
  assert.match(inMemory.output, /--backup_dir: a store in memory has no backups/)
})

test('without --backup_dir the answer says so', async () => {
  await world.tokenService.terminate()
  await world.startTokenService()
  const reply = await admin('CreateBackup')
  assert.equal(reply.reason, 'BACKUPS_OFF', JSON.stringify(reply))
  assert.equal(reply.code, 9)
})
