// Both programs, the directories they ask and the clients that call them, on free ports of the loopback address.
import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DocumentFolder, MINT, PlcDirectory, SERVICE_DID, SERVICE_DID_WITH_FRAGMENT, Viewer, WebHost } from './identity.mjs'
import { curl } from './http.mjs'
import { grpcurl } from './grpc.mjs'
import { Program } from './program.mjs'

const DEVELOPMENT = process.env.DEVELOPMENT_FIXTURES

export const TOKEN_TEXT = /^dpwt_[0-9A-Za-z]{49}$/
export const WEB_HOST = 'viewer.didpic.dev'
/** A method that the development policy allows, and one that no policy may. */
export const ALLOWED_METHOD = 'app.didpic.feed.getTimeline'
export const FORBIDDEN_METHOD = 'app.didpic.feed.deletePost'

/** A policy file with one profile, and for the shim OAuth issuers as {url, jwksFile} and rate limits. */
export function policyText({
  methods = [ALLOWED_METHOD], maxLiveTokens = 64, lifetimeSeconds = 31_536_000, mintsPerHour = 1000, oauthIssuers = [],
  rateLimits = '',
} = {}) {
  const allowed = methods.map((method) => `  allowed_methods: "${method}"\n`).join('')
  const issuers = oauthIssuers.map(({ url, jwksFile = '', trustedForAll = true }) =>
    `oauth_issuers { url: "${url}" jwks_file: "${jwksFile}" trusted_for_all_accounts: ${trustedForAll} }\n`).join('')
  return `profiles {
  name: "widget"
  prefix: "dpwt_"
  lifetime { seconds: ${lifetimeSeconds} }
  max_live_tokens_per_did: ${maxLiveTokens}
  max_mints_per_did { count: ${mintsPerHour} window { seconds: 3600 } }
${allowed}}
${issuers}rate_limits { ${rateLimits} }
`
}

export class World {
  #programs = []

  /** A temporary folder with a policy and lexicons, and the directories; no program runs yet. */
  static async prepare() {
    const world = new World()
    world.folder = await mkdtemp(join(tmpdir(), 'widget-tokens-e2e-'))
    world.store = join(world.folder, 'store')
    world.policy = join(world.folder, 'policy.textproto')
    world.lexicons = join(world.folder, 'lexicons')
    const documents = join(world.folder, 'did_documents')
    await mkdir(documents)
    await cp(join(DEVELOPMENT, 'lexicons'), world.lexicons, { recursive: true })
    await writeFile(world.policy, policyText())
    world.documents = new DocumentFolder(documents)
    world.directory = await PlcDirectory.start()
    world.webHost = await WebHost.start(world.folder, WEB_HOST)
    return world
  }

  /** Everything, running. */
  static async start() {
    const world = await World.prepare()
    await world.startTokenService()
    await world.startShim()
    return world
  }

  /** The flags of token_service, by name. */
  get tokenServiceFlags() {
    return {
      grpc_listen: '127.0.0.1:0', health_listen: '127.0.0.1:0',
      store: `rocksdb:${this.store}`, policy: this.policy, lexicons: this.lexicons,
    }
  }

  /** Starts a program without waiting for it; `flags` is name → value, or → list of values. */
  launch(path, flags) {
    const args = Object.entries(flags).flatMap(([name, value]) =>
      [value].flat().map((one) => (one === true ? `--${name}` : `--${name}=${one}`)))
    const program = new Program(path, args)
    this.#programs.push(program)
    return program
  }

  launchTokenService(flags = {}) {
    return this.launch(process.env.TOKEN_SERVICE, { ...this.tokenServiceFlags, ...flags })
  }

  /** Starts token_service on the address it had before, if any, so that the shim finds it again. */
  async startTokenService(flags = {}) {
    const listen = this.grpcAddress ? { grpc_listen: this.grpcAddress } : {}
    this.tokenService = this.launchTokenService({ ...listen, ...flags })
    this.grpcAddress = await this.tokenService.listener('grpc')
    this.healthAddress = await this.tokenService.listener('health')
  }

  async startShim(flags = {}) {
    this.shim = this.launch(process.env.XRPC_SHIM, {
      http_listen: '127.0.0.1:0', token_service: this.grpcAddress, policy: this.policy,
      service_did: [SERVICE_DID, SERVICE_DID_WITH_FRAGMENT], public_url: 'https://api.didpic.example',
      plc_url: this.directory.url, did_documents: this.documents.path, allow_insecure_resolution: true,
      resolver_ca_file: this.webHost.caFile, resolver_connect_to: this.webHost.connectTo, ...flags,
    })
    this.scheme = flags.http_tls_cert ? 'https' : 'http'
    this.httpAddress = await this.shim.listener(this.scheme)
  }

  url(path) {
    if (this.scheme === 'https') return `https://localhost:${this.httpAddress.split(':').pop()}${path}`
    return `http://${this.httpAddress}${path}`
  }

  /** An account known to the did:plc directory. */
  async newViewer(options = {}) {
    const viewer = await Viewer.create(options)
    this.directory.publish(viewer)
    return viewer
  }

  /** Calls mint over XRPC with this credential: curl's answer. */
  async callMint(credential, options = {}) {
    const authorization = credential ? { authorization: `Bearer ${credential}` } : {}
    return curl(this.url(`/xrpc/${MINT}`), {
      method: 'POST', ...options, headers: { ...authorization, ...options.headers },
    })
  }

  /** Mints as `viewer` with a fresh proof: the token's text. */
  async mint(viewer) {
    const reply = await this.callMint(await viewer.serviceJwt())
    assert.equal(reply.status, 200, reply.text)
    assert.match(reply.json.token, TOKEN_TEXT)
    return reply.json.token
  }

  grpc(method, request, options = {}) {
    return grpcurl(this.grpcAddress, method, request, options)
  }

  /** The verdict on a token: `{active}` or `{refusal}`. An error of the call fails the test. */
  async validate(token, method = ALLOWED_METHOD) {
    const reply = await this.grpc('Validate', { token, method })
    assert.ok(reply.ok, JSON.stringify(reply))
    return reply.ok
  }

  async assertActive(token, viewer) {
    const verdict = await this.validate(token)
    assert.equal(verdict.active?.did, viewer.did, JSON.stringify(verdict))
    return verdict.active
  }

  async assertRefused(token, reason, method = ALLOWED_METHOD) {
    assert.deepEqual(await this.validate(token, method), { refusal: { reason } })
  }

  /** Stops everything and checks what was promised of every run: no secret was printed. */
  async stop() {
    for (const program of this.#programs) await program.kill()
    await this.directory.close()
    await this.webHost.close()
    await rm(this.folder, { recursive: true })
    for (const { name, output } of this.#programs) {
      const leak = /.{0,80}(dpwt_[0-9A-Za-z]|eyJ).{0,20}/.exec(output)
      assert.equal(leak, null, `${name} printed a credential: ${leak?.[0]}`)
    }
  }
}
