// HTTPS on the shim's own listener: what is spoken, and how its certificate is replaced, as curl and OpenSSL see it.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { curl } from './support/http.mjs'
import { run } from './support/program.mjs'
import { World } from './support/world.mjs'

const DEV_CERTS = join(process.env.DEVELOPMENT_FIXTURES, '..', 'dev-certs')

let world
let certificates
before(async () => {
  world = await World.prepare()
  certificates = join(world.folder, 'certificates')
  await devCerts()
  await world.startTokenService()
  await world.startShim(httpsFlags())
})
after(() => world.stop())

const file = (name) => join(certificates, name)

async function devCerts() {
  const made = await run(DEV_CERTS, [certificates])
  assert.equal(made.code, 0, made.stderr)
}

/** As it would run in the open: no plaintext allowed, though every address is listened on. */
function httpsFlags() {
  return { http_listen: '0.0.0.0:0', http_tls_cert: file('server.pem'), http_tls_key: file('server.key') }
}

const port = () => Number(world.httpAddress.split(':').pop())

/** curl over TLS, with further arguments. */
function ask(path, args = []) {
  return curl(`https://localhost:${port()}${path}`, { args: ['--cacert', file('ca.pem'), ...args] })
}

/** openssl s_client: what it says about the handshake. */
async function handshake(...args) {
  const shown = await run('sh', ['-c', `openssl s_client -connect localhost:${port()} -CAfile ${file('ca.pem')} ${args.join(' ')} </dev/null 2>&1`])
  return shown.stdout
}

async function servedCertificate() {
  const found = /-----BEGIN CERTIFICATE-----[^-]+/.exec(await handshake())
  assert.ok(found)
  return found[0]
}

test('a token is minted over HTTPS', async () => {
  const viewer = await world.newViewer()
  const reply = await world.callMint(await viewer.serviceJwt(), { args: ['--cacert', file('ca.pem')] })
  assert.equal(reply.status, 200, reply.text)
  await world.assertActive(reply.json.token, viewer)
})

test('TLS 1.3 and 1.2 are spoken, and nothing older', async () => {
  assert.match(await handshake(), /New, TLSv1\.3, Cipher is TLS_[\s\S]*Verify return code: 0/)
  assert.match(await handshake('-tls1_2'), /New, TLSv1\.2, Cipher is ECDHE-[A-Z0-9-]+-(GCM|POLY1305)[\s\S]*Verify return code: 0/)
  for (const version of ['-tls1_1', '-tls1']) {
    assert.match(await handshake(version, '-cipher', 'ALL:@SECLEVEL=0'), /alert protocol version/)
  }
  assert.match(await handshake('-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-SHA384:AES256-GCM-SHA384'), /alert handshake failure/)
  assert.equal((await ask('/robots.txt', ['--tlsv1.3'])).status, 200)
  assert.equal((await ask('/robots.txt', ['--tlsv1.2', '--tls-max', '1.2'])).status, 200)
})

test('HTTP/1.1 is all there is to agree on', async () => {
  assert.match(await handshake('-alpn', 'h2,http/1.1'), /ALPN protocol: http\/1\.1/)
  assert.match(await handshake('-alpn', 'h2'), /alert no application protocol/)
})

test('many requests go over one connection', async () => {
  const url = `https://localhost:${port()}/robots.txt`
  const reply = await ask('/robots.txt', ['-w', '\n%{num_connects}\n', url])
  assert.deepEqual(reply.text.match(/^\d$/gm), ['1', '0'])
})

test('plain text gets no answer', async () => {
  await assert.rejects(curl(`http://localhost:${port()}/robots.txt`))
  await world.shim.printed(/"event":"tls_handshake_failed","detail":"http request/)
})

test('a handshake that does not end is cut off', async () => {
  const socket = net.connect(port(), '127.0.0.1')
  socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]))
  socket.resume()
  await once(socket, 'close')
  await world.shim.printed(/"event":"tls_handshake_failed","detail":"the client took too long"/)
})

test('a new certificate is served to new connections, and nobody is dropped', async () => {
  const old = await servedCertificate()
  let going = true
  const traffic = (async () => {
    let answered = 0
    for (; going; answered++) assert.equal((await ask('/robots.txt', ['--http1.1'])).status, 200)
    return answered
  })()
  await rm(file('server.pem'))
  await devCerts()
  world.shim.signal('SIGHUP')
  await world.shim.printed(/"event":"certificates_reloaded","detail":"the certificate holds until/)
  assert.notEqual(await servedCertificate(), old)
  going = false
  assert.ok((await traffic) > 0)
})

test('a bad pair changes nothing, is logged once, and is mended without a signal', async () => {
  const served = await servedCertificate()
  await cp(file('server.key'), file('kept.key'))
  const from = world.shim.output.length
  await cp(file('admin.key'), file('server.key'))
  world.shim.signal('SIGHUP')
  await world.shim.printed(/"event":"certificates_rejected","detail":".*does not belong to the certificate/, from)
  world.shim.signal('SIGHUP')
  await world.shim.printed(/("event":"policy_reloaded"[\s\S]*){2}/, from)
  assert.equal(await servedCertificate(), served)
  assert.equal((await ask('/robots.txt')).status, 200)
  assert.equal(world.shim.output.slice(from).match(/certificates_rejected/g).length, 1)

  await rm(file('server.pem'))
  await rm(file('server.key'))
  await devCerts()
  await world.shim.printed(/"event":"certificates_reloaded"/, from)
  assert.notEqual(await servedCertificate(), served)
})

test('a pair that cannot be used keeps the program from starting', async () => {
  await writeFile(file('text.pem'), 'certificate')
  for (const [flags, fault] of [
    [{ http_tls_cert: file('text.pem') }, /^xrpc_shim: --http_tls_cert, --http_tls_key: \S+text\.pem, \S+: the certificate is not a PEM/],
    [{ http_tls_cert: file('absent.pem') }, /^xrpc_shim: --http_tls_cert, --http_tls_key: \S+absent\.pem: no such file/],
    [{ http_tls_key: file('admin.key') }, /^xrpc_shim: --http_tls_cert, --http_tls_key: .*does not belong/],
    [{ http_tls_key: '' }, /^xrpc_shim: --http_tls_cert and --http_tls_key: both or none/],
  ]) {
    const program = world.launch(process.env.XRPC_SHIM, { service_did: 'did:web:a.example', ...httpsFlags(), ...flags })
    assert.equal((await program.exit()).code, 2, program.output)
    assert.match(program.output, fault)
    assert.equal(program.output.trim().split('\n').length, 1, program.output)
  }
})
