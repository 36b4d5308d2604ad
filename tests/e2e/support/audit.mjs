// The audit as an auditor reads it: exported over gRPC, and proven by Node's own SHA-256 and Ed25519 from what
// audit_service.proto says.
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import grpc from '@grpc/grpc-js'
import protoLoader from '@grpc/proto-loader'

const PROTO = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'proto')
const CREDENTIALS = grpc.credentials.createInsecure()

const { v1 } = grpc.loadPackageDefinition(protoLoader.loadSync(
  ['didpic/token/v1/admin_service.proto', 'didpic/token/v1/audit_service.proto'],
  { includeDirs: [PROTO], keepCase: true, longs: String, defaults: true },
)).didpic.token

/** A client of AdminService whose calls are promises. */
export class Admin {
  constructor(address) {
    this.client = new v1.AdminService(address, CREDENTIALS)
  }

  setStatus(did, status) {
    return new Promise((resolve, reject) =>
      this.client.SetAccountStatus({ did, status }, (error, reply) => (error ? reject(error) : resolve(reply))))
  }

  close() {
    this.client.close()
  }
}

/** The items of an export, `{record}` or `{checkpoint}`, and how many messages brought them. */
export async function exportAudit(address, request = {}, headers = {}) {
  const client = new v1.AuditService(address, CREDENTIALS)
  const items = []
  let messages = 0
  const metadata = new grpc.Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  try {
    for await (const message of client.Export(request, metadata, { deadline: Date.now() + 60_000 })) {
      items.push(...message.items)
      ++messages
    }
  } finally {
    client.close()
  }
  return { items, messages }
}

function integer(value, bytes) {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer.subarray(8 - bytes)
}

const microseconds = ({ seconds, nanos }) => BigInt(seconds) * 1_000_000n + BigInt(nanos / 1000)

function text(value) {
  const bytes = Buffer.from(value)
  return Buffer.concat([integer(bytes.length, 4), bytes])
}

export function hashOf(record) {
  const { previous_hash, sequence, time, action, caller, request_id, did, token_id, outcome } = record
  return createHash('sha256').update(Buffer.concat([
    Buffer.from('didpic.token.v1.audit\0'), previous_hash, integer(sequence, 8), integer(microseconds(time), 8),
    integer(action, 4), ...[caller, request_id, did, token_id, outcome].map(text),
  ])).digest()
}

export const keyId = (publicKey) =>
  createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 16)

function assertSigned(checkpoint, publicKeys) {
  const key = publicKeys.find((each) => keyId(each) === checkpoint.key_id)
  assert.ok(key, `nobody knows the key ${checkpoint.key_id}`)
  const signed = Buffer.concat([
    Buffer.from('didpic.token.v1.audit.checkpoint\0'), integer(checkpoint.sequence, 8), checkpoint.hash,
    integer(microseconds(checkpoint.time), 8), Buffer.from(checkpoint.key_id),
  ])
  assert.ok(verify(null, signed, key, checkpoint.signature), `checkpoint ${checkpoint.sequence}: forged`)
}

/** Proves a whole export: every record follows the one before, every checkpoint is signed and of the record before it. */
export function assertProven(items, publicKeyPems) {
  const publicKeys = publicKeyPems.map((pem) => createPublicKey(pem))
  let last = { sequence: '0', hash: Buffer.alloc(32) }
  let signedUpTo = '0'
  for (const { record, checkpoint } of items) {
    if (record) {
      assert.ok(BigInt(record.sequence) > BigInt(last.sequence), `record ${record.sequence}: after ${last.sequence}`)
      assert.deepEqual(record.previous_hash, last.hash, `record ${record.sequence}: does not follow the one before`)
      assert.deepEqual(record.hash, hashOf(record), `record ${record.sequence}: is not what was hashed`)
      last = record
    } else {
      assert.equal(checkpoint.sequence, last.sequence)
      assert.deepEqual(checkpoint.hash, last.hash)
      assertSigned(checkpoint, publicKeys)
      signedUpTo = checkpoint.sequence
    }
  }
  return { sequence: BigInt(last.sequence), signedUpTo: BigInt(signedUpTo) }
}
