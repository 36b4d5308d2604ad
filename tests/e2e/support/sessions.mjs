// Sessions of an app: begun over gRPC, lived with over XRPC.
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as jose from 'jose'
import { curl } from './http.mjs'
import { SERVICE_DID } from './identity.mjs'
import { run } from './program.mjs'
import { World } from './world.mjs'

export const REFRESH = 'com.atproto.server.refreshSession'
export const GET = 'com.atproto.server.getSession'
export const DELETE = 'com.atproto.server.deleteSession'

const VERBS = { [REFRESH]: 'POST', [GET]: 'GET', [DELETE]: 'POST' }

/** What concurrent refreshes must agree on. */
export const idOf = (refreshJwt) => jose.decodeJwt(refreshJwt).jti

/** Both programs, and the key by which sessions' JWTs are signed. */
export class SessionWorld {
  static async start() {
    const sessions = new SessionWorld()
    const world = (sessions.world = await World.prepare())
    sessions.keyFile = join(world.folder, 'session_key.pem')
    const made = await run('openssl', [
      'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', sessions.keyFile,
    ])
    assert.equal(made.code, 0, made.stderr)
    await sessions.startTokenService()
    await world.startShim()
    return sessions
  }

  startTokenService() {
    return this.world.startTokenService({ session_key: this.keyFile, service_did: SERVICE_DID })
  }

  /** Runs `during` while there is no token service; returns once the shim has found the next one. */
  async withoutTokenService(during) {
    await this.world.tokenService.kill()
    await during()
    await this.startTokenService()
    while ((await curl(this.world.url('/xrpc/_health'))).status !== 200);
  }

  stop() {
    return this.world.stop()
  }

  /** Begins a session: `{did, accessJwt, refreshJwt}`. */
  async begin({ did, dpop_jkt = '' } = {}) {
    did ??= (await this.world.newViewer()).did
    const reply = await this.world.grpc('CreateSession', { did, dpop_jkt }, { service: 'didpic.token.v1.SessionService' })
    assert.ok(reply.ok, JSON.stringify(reply))
    const { access_jwt: accessJwt, refresh_jwt: refreshJwt } = reply.ok.tokens
    return { did, accessJwt, refreshJwt }
  }

  /** Calls a session method with a JWT, or with the whole Authorization: curl's answer. */
  call(method, jwt, { authorization = jwt && `Bearer ${jwt}`, headers = {}, ...options } = {}) {
    const fields = authorization ? { authorization } : {}
    return curl(this.world.url(`/xrpc/${method}`), { method: VERBS[method], headers: { ...fields, ...headers }, ...options })
  }

  /** Refreshes: the answer's JSON. Fails unless it is 200. */
  async refresh(refreshJwt) {
    const reply = await this.call(REFRESH, refreshJwt)
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }

  async assertRefused(method, jwt, status, error) {
    const reply = await this.call(method, jwt)
    assert.equal(reply.status, status, reply.text)
    assert.equal(reply.json.error, error, reply.text)
    assert.equal(reply.headers['cache-control'], 'no-store')
  }

  /** The same JWT as the service would have made it, with other claims or type: we have its key. */
  async forge(jwt, claims, header = {}) {
    const key = createPrivateKey(await readFile(this.keyFile))
    return new jose.SignJWT({ ...jose.decodeJwt(jwt), ...claims })
      .setProtectedHeader({ ...jose.decodeProtectedHeader(jwt), ...header }).sign(key)
  }

  /** The same JWT, a second after its end. */
  expired(jwt) {
    return this.forge(jwt, { exp: Math.floor(Date.now() / 1000) - 1 })
  }

  setStatus(did, status) {
    return this.world.grpc('SetAccountStatus', { did, status }, { service: 'didpic.token.v1.AdminService' })
  }
}
