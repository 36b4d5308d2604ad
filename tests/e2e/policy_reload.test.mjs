// SIGHUP reads the policy again; tokens already out follow the new one.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { ALLOWED_METHOD, FORBIDDEN_METHOD, policyText, World } from './support/world.mjs'

const ADDED_METHOD = 'app.didpic.feed.getWidgetPosts'

let world
before(async () => (world = await World.start()))
after(() => world.stop())

/** Replaces the policy, sends SIGHUP and waits for the log line of this event. */
async function reload(text, event) {
  await writeFile(world.policy, text)
  const from = world.tokenService.output.length
  world.tokenService.signal('SIGHUP')
  await world.tokenService.printed(new RegExp(`"event":"${event}"`), from)
}

test('a method that is added reaches tokens already minted, and one that is removed leaves them', async () => {
  const viewer = await world.newViewer()
  const token = await world.mint(viewer)
  await world.assertRefused(token, 'METHOD_NOT_ALLOWED', ADDED_METHOD)
  await reload(policyText({ methods: [ALLOWED_METHOD, ADDED_METHOD] }), 'policy_reloaded')
  assert.equal((await world.validate(token, ADDED_METHOD)).active?.did, viewer.did)
  await reload(policyText({ methods: [ADDED_METHOD] }), 'policy_reloaded')
  await world.assertRefused(token, 'METHOD_NOT_ALLOWED', ALLOWED_METHOD)
  await reload(policyText(), 'policy_reloaded')
})

for (const [what, text] of [
  ['is not textproto', 'profiles {'],
  ['has a field nobody knows', policyText().replace('name:', 'nickname:')],
  ['allows a procedure', policyText({ methods: [FORBIDDEN_METHOD] })],
  ['allows a method without a lexicon', policyText({ methods: ['app.didpic.feed.getNothing'] })],
  ['allows one of our own methods', policyText({ methods: ['app.didpic.identity.mintWidgetToken'] })],
  ['is empty', ''],
]) {
  test(`a policy file that ${what} is refused and the old one stays`, async () => {
    const viewer = await world.newViewer()
    const token = await world.mint(viewer)
    await reload(text, 'policy_rejected')
    await world.assertActive(token, viewer)
    await world.mint(viewer)
  })
}
