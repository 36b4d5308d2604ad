// Distributed traces: a traceparent is found again in the logs of both programs.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { curl } from './support/http.mjs'
import { MINT } from './support/identity.mjs'
import { World } from './support/world.mjs'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`

let world
before(async () => (world = await World.start()))
after(() => world.stop())

/** The log line of this event and request in a program's output, once it is there. */
async function logged(program, event, requestId) {
  const [line] = await program.printed(new RegExp(`^\\{.*"event":"${event}","request_id":"${requestId}".*$`, 'm'))
  return JSON.parse(line)
}

async function mintWith(requestId, headers) {
  const viewer = await world.newViewer()
  const reply = await world.callMint(await viewer.serviceJwt(), { headers: { 'x-request-id': requestId, ...headers } })
  assert.equal(reply.status, 200, reply.text)
  return [await logged(world.shim, 'http_request', requestId), await logged(world.tokenService, 'rpc', requestId)]
}

test('a trace goes through both programs, each with a span of its own', async () => {
  const [request, rpc] = await mintWith('traced', { traceparent: TRACEPARENT, tracestate: 'rojo=1,congo=t61' })
  assert.equal(request.trace_id, TRACE)
  assert.equal(rpc.trace_id, TRACE)
  assert.equal(rpc.method, 'Mint')
  const spans = [PARENT, request.span_id, rpc.span_id]
  for (const span of spans) assert.match(span, /^[0-9a-f]{16}$/)
  assert.equal(new Set(spans).size, 3)
})

test('a request without a trace, or with a bad one, begins its own, and both programs call it the same', async () => {
  const seen = new Set([TRACE])
  for (const [name, headers] of Object.entries({
    none: {},
    capitals: { traceparent: TRACEPARENT.toUpperCase() },
    zeros: { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` },
    version: { traceparent: `ff${TRACEPARENT.slice(2)}` },
  })) {
    const [request, rpc] = await mintWith(name, headers)
    assert.match(request.trace_id, /^[0-9a-f]{32}$/)
    assert.equal(rpc.trace_id, request.trace_id, name)
    assert.ok(!seen.has(request.trace_id), name)
    seen.add(request.trace_id)
  }
})

test('a tracestate that no gRPC call can carry is dropped, not the request', async () => {
  for (const [name, tracestate] of Object.entries({ tab: 'a=1\t,b=2', bytes: 'a=\xc3\xa9', long: `a=${'v'.repeat(600)}` })) {
    const [, rpc] = await mintWith(name, { traceparent: TRACEPARENT, tracestate })
    assert.equal(rpc.trace_id, TRACE, name)
  }
})

test('any caller of the token service may bring a trace', async () => {
  const headers = { traceparent: `cc-${TRACE}-${PARENT}-00-later`, 'x-request-id': 'direct' }
  assert.ok((await world.grpc('Validate', { token: 'x' }, { headers })).ok)
  assert.equal((await logged(world.tokenService, 'rpc', 'direct')).trace_id, TRACE)
})

test('a browser may send the header', async () => {
  const reply = await curl(world.url(`/xrpc/${MINT}`), {
    method: 'OPTIONS', headers: { origin: 'https://a.example', 'access-control-request-headers': 'traceparent, tracestate' },
  })
  assert.equal(reply.headers['access-control-allow-headers'], 'traceparent, tracestate')
})
