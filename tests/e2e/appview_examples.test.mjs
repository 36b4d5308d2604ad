// The programs of docs/appview-developers.md, built as it says and asked about real tokens: each must tell what the
// table in README.md tells, and that it could not tell when it could not.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ALLOWED_METHOD, FORBIDDEN_METHOD, World } from './support/world.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const REPOSITORY = join(HERE, '..', '..')
const EXAMPLES = join(REPOSITORY, 'docs', 'examples')
const PROTO = join(REPOSITORY, 'proto')
const TOOLS = dirname(process.env.GRPCURL)
const UNREACHABLE = '127.0.0.1:1'

function must(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 150_000, ...options })
  assert.equal(result.status, 0, `${command} ${args.join(' ')}: ${result.error ?? ''}${result.stdout}${result.stderr}`)
  return result.stdout
}

/** What each example is asked, and what it must answer: `ask(address, token, method)` gives {serveAs} or {status, error}. */
async function assertJudges(world, viewer, ask) {
  const token = await world.mint(viewer)
  const at = (text, method = ALLOWED_METHOD, address = world.grpcAddress) => ask(address, text, method)
  assert.deepEqual(await at(token), { serveAs: viewer.did })
  assert.deepEqual(await at(token, FORBIDDEN_METHOD), { status: 403, error: 'InsufficientScope' })
  assert.deepEqual(await at('nonsense'), { status: 401, error: 'InvalidToken' })
  assert.deepEqual(await at(token, ALLOWED_METHOD, UNREACHABLE), { status: 502, error: 'UpstreamFailure' })
  await world.grpc('Revoke', { token })
  assert.deepEqual(await at(token), { status: 401, error: 'InvalidToken' })
}

let world
let folder
before(async () => {
  world = await World.start()
  folder = await mkdtemp(join(tmpdir(), 'widget-tokens-examples-'))
})
after(async () => {
  await rm(folder, { recursive: true })
  await world.stop()
})

test('TypeScript with @grpc/grpc-js', async () => {
  const target = join(folder, 'typescript')
  await cp(join(EXAMPLES, 'typescript'), target, { recursive: true })
  await writeFile(join(target, 'package.json'), '{"type": "module"}')
  await symlink(join(HERE, 'node_modules'), join(target, 'node_modules'))
  must(join(HERE, 'node_modules', '.bin', 'tsc'), [
    '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', 'widget_tokens.ts',
  ], { cwd: target })
  const { WidgetTokens } = await import(pathToFileURL(join(target, 'widget_tokens.js')))
  const viewer = await world.newViewer()
  await assertJudges(world, viewer, async (address, token, method) => {
    const tokens = new WidgetTokens({ address, protoFolder: PROTO, timeoutMs: 10_000 })
    try {
      const { message, ...answer } = await tokens.judge(token, method)
      return answer
    } finally {
      tokens.close()
    }
  })
})

test('Go', async (context) => {
  if (spawnSync('go', ['version']).status !== 0 || spawnSync(join(TOOLS, 'protoc-gen-go-grpc'), ['--version']).status !== 0) {
    // In the project's own checks a tool that is missing is a fault.
    assert.notEqual(process.env.CI, 'true', 'Go or protoc-gen-go-grpc is missing')
    return context.skip('SKIPPED: Go or protoc-gen-go-grpc is missing; run scripts/setup test')
  }
  const target = join(folder, 'go')
  await cp(join(EXAMPLES, 'go'), target, { recursive: true })
  const env = { ...process.env, PATH: `${TOOLS}:${process.env.PATH}`, GOFLAGS: '-mod=mod' }
  must('./generate.sh', [PROTO], { cwd: target, env })
  must('go', ['vet', './...'], { cwd: target, env })
  must('go', ['build', '-o', 'program', './judge'], { cwd: target, env })
  const viewer = await world.newViewer()
  await assertJudges(world, viewer, async (address, token, method) => {
    const answer = JSON.parse(must('./program', [address, method], { cwd: target, input: token }))
    return answer.ServeAs ? { serveAs: answer.ServeAs } : { status: answer.Status, error: answer.Error }
  })
})
