// Accounts of the AT Protocol, and the places where their DID documents are found.
import { createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { P256Keypair, Secp256k1Keypair } from '@atproto/crypto'
import { createServiceJwt } from '@atproto/xrpc-server'
import { run } from './program.mjs'

export const MINT = 'app.didpic.identity.mintWidgetToken'
export const SERVICE_DID = 'did:web:api.didpic.example'
export const SERVICE_DID_WITH_FRAGMENT = `${SERVICE_DID}#didpic_appview`

const CURVES = { ES256K: Secp256k1Keypair, ES256: P256Keypair }

/** A fresh did:plc name; nothing registers it but the test's own directory. */
export function randomPlcDid() {
  return `did:plc:${[...randomBytes(24)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('')}`
}

/** An account with its signing key. */
export class Viewer {
  constructor(did, keypair) {
    this.did = did
    this.keypair = keypair
  }

  static async create({ did = randomPlcDid(), algorithm = 'ES256K' } = {}) {
    return new Viewer(did, await CURVES[algorithm].create())
  }

  /** A new key under the same DID. */
  async rotateKey(algorithm = 'ES256K') {
    this.keypair = await CURVES[algorithm].create()
  }

  get document() {
    return {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
      id: this.did,
      alsoKnownAs: ['at://viewer.didpic.example'],
      verificationMethod: [{
        id: `${this.did}#atproto`, type: 'Multikey', controller: this.did,
        publicKeyMultibase: this.keypair.did().slice('did:key:'.length),
      }],
      service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: 'https://pds.didpic.example' }],
    }
  }

  /** An inter-service auth JWT as a PDS makes it, by the reference library. */
  serviceJwt(claims = {}) {
    return createServiceJwt({ iss: this.did, aud: SERVICE_DID, lxm: MINT, keypair: this.keypair, ...claims })
  }
}

async function listenOnLoopback(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/** What both directories share: documents by DID, a count of the requests, and faults to order. */
class DocumentServer {
  documents = new Map()
  requests = []
  /** "none"; "silent": never answers; "failing": 500. */
  fault = 'none'
  #server
  #held

  async listen(server) {
    this.#server = server
    this.port = await listenOnLoopback(server)
  }

  publish(viewer) {
    this.documents.set(viewer.did, viewer.document)
  }

  /** Holds back the next answer. Resolves, once the question has come, to a function that lets the answer go. */
  hold() {
    return new Promise((resolve) => (this.#held = resolve))
  }

  answer(did, request, response) {
    this.requests.push(request.url)
    if (this.fault === 'silent') return
    if (this.#held) {
      const tell = this.#held
      this.#held = undefined
      tell(() => this.#reply(did, response))
      return
    }
    this.#reply(did, response)
  }

  #reply(did, response) {
    const document = this.fault === 'failing' ? undefined : this.documents.get(did)
    const status = this.fault === 'failing' ? 500 : document ? 200 : 404
    // Whatever is not an account's document is JSON of its own kind, such as an OAuth client's.
    response.writeHead(status, { 'content-type': did.startsWith('did:') ? 'application/did+ld+json' : 'application/json' })
    response.end(JSON.stringify(document ?? { message: 'no document' }))
  }

  async close() {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** A did:plc directory over HTTP. */
export class PlcDirectory extends DocumentServer {
  static async start() {
    const directory = new PlcDirectory()
    await directory.listen(createServer((request, response) =>
      directory.answer(decodeURIComponent(request.url.slice(1)), request, response)))
    return directory
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }
}

/** The HTTPS host of did:web accounts, with a certificate made for it by openssl. */
export class WebHost extends DocumentServer {
  static async start(folder, hostName) {
    const host = new WebHost()
    host.hostName = hostName
    host.caFile = join(folder, 'web_host.pem')
    const keyFile = join(folder, 'web_host_key.pem')
    const made = await run('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', `/CN=${hostName}`, '-addext', `subjectAltName=DNS:${hostName}`, '-keyout', keyFile, '-out', host.caFile,
    ])
    if (made.code !== 0) throw new Error(made.stderr)
    const credentials = { key: await readFile(keyFile), cert: await readFile(host.caFile) }
    await host.listen(createHttpsServer(credentials, (request, response) => {
      const wellKnown = request.url === '/.well-known/did.json'
      host.answer(wellKnown ? `did:web:${request.headers.host.split(':')[0]}` : request.url, request, response)
    }))
    return host
  }

  /** For the shim: which loopback address stands for the host name, in the form of curl's --connect-to. */
  get connectTo() {
    return `${this.hostName}:443:127.0.0.1:${this.port}`
  }
}

/** A folder of static DID documents: one file per account. */
export class DocumentFolder {
  constructor(path) {
    this.path = path
  }

  async publish(viewer) {
    await writeFile(join(this.path, `${viewer.did}.json`), JSON.stringify(viewer.document))
  }
}
