// gRPC by real grpcurl: it learns the contract from the server's reflection, no .proto is read, and names fields as that does
// (token_id). Health by plain HTTP/2.
import http2 from 'node:http2'
import { run } from './program.mjs'

const SERVICE = 'didpic.token.v1.TokenService'

/**
 * Calls an RPC: `{ok: reply}` or `{code, message, reason}`, the last from google.rpc.ErrorInfo where there is one. `tls`
 * names the files of a caller, `{ca, certificate, key}`; plaintext without.
 */
export async function grpcurl(address, method, request, { service = SERVICE, headers = {}, tls } = {}) {
  const transport = tls ? ['-cacert', tls.ca, '-cert', tls.certificate, '-key', tls.key] : ['-plaintext']
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const result = await run(process.env.GRPCURL, [
    ...transport, '-max-time', '20', '-format-error', ...fields,
    '-d', JSON.stringify(request), address, `${service}/${method}`,
  ])
  if (result.code === 0) return { ok: JSON.parse(result.stdout) }
  let status
  try {
    status = JSON.parse(result.stderr)
  } catch {
    throw new Error(`grpcurl ${address} ${method}: ${result.stderr}`)
  }
  const info = status.details?.find((detail) => detail.reason !== undefined)
  return { code: status.code, message: status.message, reason: info?.reason, metadata: info?.metadata, details: status.details }
}

/** What `grpcurl ADDRESS list` prints, as lines. */
export async function listServices(address) {
  const result = await run(process.env.GRPCURL, ['-plaintext', '-max-time', '20', address, 'list'])
  if (result.code !== 0) throw new Error(`grpcurl list ${address}: ${result.stderr}`)
  return result.stdout.trim().split('\n')
}

// grpc.health.v1.HealthCheckResponse.ServingStatus
const SERVING_STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

function healthRequest(service) {
  const name = Buffer.from(service)
  const message = name.length ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : Buffer.alloc(0)
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(message.length, 1)
  return Buffer.concat([frame, message])
}

/** Takes whole gRPC messages from the front of `bytes`: `[statuses, rest]`. */
function healthReplies(bytes) {
  const statuses = []
  while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
    const message = bytes.subarray(5, 5 + bytes.readUInt32BE(1))
    statuses.push(SERVING_STATUS[message.length ? message[1] : 0])
    bytes = bytes.subarray(5 + message.length)
  }
  return [statuses, bytes]
}

/**
 * The health statuses that a server reports, as an async iterator that ends with the connection. The kubelet's probe is
 * a Check; Watch is what a load balancer uses. Both are spoken here without a gRPC library.
 */
export async function* health(address, { method = 'Check', service = '' } = {}) {
  const session = http2.connect(`http://${address}`)
  session.on('error', () => {})
  try {
    const stream = session.request({
      ':method': 'POST', ':path': `/grpc.health.v1.Health/${method}`,
      'content-type': 'application/grpc', te: 'trailers',
    })
    stream.end(healthRequest(service))
    let bytes = Buffer.alloc(0)
    try {
      for await (const chunk of stream) {
        const [statuses, rest] = healthReplies(Buffer.concat([bytes, chunk]))
        bytes = rest
        yield* statuses
      }
    } catch {
      // The server went away: there is no more status to tell.
    }
  } finally {
    session.destroy()
  }
}

/** The status that one Check reports, or undefined where nobody answers. */
export async function checkHealth(address, service = '') {
  for await (const status of health(address, { service })) return status
  return undefined
}
