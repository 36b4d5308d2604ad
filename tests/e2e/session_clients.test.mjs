// The two public clients of the network live with our sessions: AtpAgent of @atproto/api, and the newer PasswordSession.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { AtpAgent } from '@atproto/api'
import { PasswordSession } from '@atproto/lex-password-session'
import { DELETE, GET, REFRESH, SessionWorld } from './support/sessions.mjs'

let sessions
before(async () => (sessions = await SessionWorld.start()))
after(() => sessions?.stop())

/** fetch, and the names of the methods it called. */
function watchedFetch() {
  const calls = []
  const watched = (input, init) => {
    calls.push(new URL(input.url ?? input).pathname.slice('/xrpc/'.length))
    return fetch(input, init)
  }
  return { calls, fetch: watched }
}

/** One client as the tests need it: `open` resumes a session, and reports what it would persist in `events`. */
const CLIENTS = {
  AtpAgent: (session) => {
    const events = []
    const { calls, fetch } = watchedFetch()
    const agent = new AtpAgent({
      service: `http://${sessions.world.httpAddress}`, fetch, persistSession: (event) => void events.push(event),
    })
    return {
      calls, events, updated: 'update', failed: 'network-error', lost: 'expired',
      get session() { return agent.session },
      resume: () => agent.resumeSession({ ...session, handle: 'handle.invalid', active: true }),
      expireAccess: async () => (agent.session.accessJwt = await sessions.expired(agent.session.accessJwt)),
      getSession: async () => (await agent.com.atproto.server.getSession()).data,
      logout: () => agent.logout(),
    }
  },
  PasswordSession: (session) => {
    const events = []
    const { calls, fetch } = watchedFetch()
    const service = `http://${sessions.world.httpAddress}`
    const agent = new PasswordSession({ ...session, handle: 'handle.invalid', active: true, service }, {
      fetch,
      onUpdated: () => void events.push('updated'),
      onUpdateFailure: () => void events.push('failed'),
      onDeleted: () => void events.push('deleted'),
    })
    return {
      calls, events, updated: 'updated', failed: 'failed', lost: 'deleted',
      get session() { return agent.destroyed ? undefined : agent.session },
      resume: () => agent.refresh(),
      expireAccess: async () => (agent.session.accessJwt = await sessions.expired(agent.session.accessJwt)),
      getSession: async () => (await agent.fetchHandler(`/xrpc/${GET}`, {})).json(),
      logout: () => agent.logout(),
    }
  },
}

for (const [name, open] of Object.entries(CLIENTS)) {
  test(`${name} resumes a session with a single call`, async () => {
    const begun = await sessions.begin()
    const client = open(begun)
    await client.resume()
    assert.deepEqual(client.calls, [REFRESH], 'nothing was missing from the answer')
    assert.deepEqual(client.events, [client.updated])
    assert.equal(client.session.did, begun.did)
    assert.equal(client.session.handle, 'viewer.didpic.example')
    assert.equal(client.session.active, true)
    assert.notEqual(client.session.refreshJwt, begun.refreshJwt)
  })

  test(`${name} goes on calling us after that, not the viewer's PDS`, async () => {
    const client = open(await sessions.begin())
    await client.resume()
    assert.equal((await client.getSession()).did, client.session.did)
  })

  test(`${name} refreshes by itself when the access JWT has expired`, async () => {
    const client = open(await sessions.begin())
    await client.resume()
    await client.expireAccess()
    assert.equal((await client.getSession()).did, client.session.did)
    assert.deepEqual(client.calls, [REFRESH, GET, REFRESH, GET])
    assert.deepEqual(client.events, [client.updated, client.updated])
  })

  test(`${name} logs out, which ends the session here`, async () => {
    const begun = await sessions.begin()
    const client = open(begun)
    await client.resume()
    const { refreshJwt, accessJwt } = client.session
    await client.logout()
    assert.equal(client.calls.at(-1), DELETE)
    assert.equal(client.session, undefined)
    for (const jwt of [begun.refreshJwt, refreshJwt]) await sessions.assertRefused(REFRESH, jwt, 400, 'ExpiredToken')
    await sessions.assertRefused(GET, accessJwt, 400, 'ExpiredToken')
  })

  test(`${name} drops a session that has ended`, async () => {
    const begun = await sessions.begin()
    assert.equal((await sessions.call(DELETE, begun.refreshJwt)).status, 200)
    const client = open(begun)
    await assert.rejects(client.resume())
    assert.equal(client.session, undefined)
    assert.deepEqual(client.events, [client.lost])
  })

  test(`${name} drops the session of an account that was taken down`, async () => {
    const begun = await sessions.begin()
    await sessions.setStatus(begun.did, 'TAKENDOWN')
    const client = open(begun)
    await assert.rejects(client.resume())
    assert.equal(client.session, undefined)
  })

  test(`${name} learns that an account is deactivated`, async () => {
    const begun = await sessions.begin()
    await sessions.setStatus(begun.did, 'DEACTIVATED')
    const client = open(begun)
    await client.resume()
    assert.equal(client.session.active, false)
    assert.equal(client.session.status, 'deactivated')
  })

  test(`${name} keeps its session through an outage`, async () => {
    const client = open(await sessions.begin())
    await client.resume()
    await sessions.withoutTokenService(() => client.resume().catch(() => {}))
    assert.deepEqual(client.events, [client.updated, client.failed])
    assert.ok(client.session)
    assert.equal((await client.getSession()).did, client.session.did)
  })
}
