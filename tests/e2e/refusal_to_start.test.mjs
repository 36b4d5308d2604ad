// A configuration with a fault: exit 2, one line per fault, each naming the flag.
import { after, afterEach, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './support/program.mjs'
import { FORBIDDEN_METHOD, policyText, World } from './support/world.mjs'

let world
before(async () => {
  world = await World.prepare()
  await world.startTokenService()
})
afterEach(() => writeFile(world.policy, policyText()))
after(() => world.stop())

/** Starts with a store of its own unless told otherwise; it must refuse with one line for each pattern. */
async function assertRefuses(launch, patterns) {
  const store = await mkdtemp(join(world.folder, 'store-'))
  const program = launch({ store: `rocksdb:${store}` })
  const { code } = await program.exit()
  assert.equal(code, 2, program.output)
  // What gRPC itself writes to stderr is not ours to judge.
  const lines = program.output.split('\n').filter((line) => line.startsWith(`${program.name}: `))
  for (const pattern of patterns) {
    assert.equal(lines.filter((line) => pattern.test(line)).length, 1, `one line with ${pattern}:\n${program.output}`)
  }
  assert.equal(lines.length, patterns.length, program.output)
  await rm(store, { recursive: true, force: true })
}

const tokenService = (flags, patterns) =>
  assertRefuses((own) => world.launchTokenService({ ...own, ...flags }), patterns)

test('token_service: an unknown flag', () => tokenService({ no_such_flag: 'x' }, [/no_such_flag/]))

test('token_service: two faults are two lines', () =>
  tokenService({ health_listen: 'nonsense', block_cache_mb: 0 }, [/--health_listen/, /--block_cache_mb/]))

test('token_service: no policy file', () => tokenService({ policy: join(world.folder, 'absent') }, [/--policy/]))

test('token_service: a policy that is not textproto', async () => {
  await writeFile(world.policy, 'profiles {')
  await tokenService({}, [/--policy/])
})

test('token_service: a policy that allows a procedure', async () => {
  await writeFile(world.policy, policyText({ methods: [FORBIDDEN_METHOD] }))
  await tokenService({}, [/--policy.*app\.didpic\.feed\.deletePost/])
})

test('token_service: each missing lexicon is a line', async () => {
  await writeFile(world.policy, policyText({ methods: ['app.didpic.feed.getOne', 'app.didpic.feed.getTwo'] }))
  await tokenService({}, [/getOne/, /getTwo/])
})

test('token_service: a directory that another process uses', () =>
  tokenService({ store: `rocksdb:${world.store}` }, [/--store/]))

test('token_service: an unknown kind of store', () => tokenService({ store: 'papyrus:scroll' }, [/--store/]))

test('token_service: plaintext on an address that others can reach', () =>
  tokenService({ grpc_listen: '0.0.0.0:0' }, [/--grpc_listen/]))

test('token_service: an audit key that is absent, or of another kind', async () => {
  await tokenService({ audit_key: join(world.folder, 'absent') }, [/--audit_key: .*absent: no such file/])
  const key = join(world.folder, 'ec.pem')
  const made = await run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key])
  assert.equal(made.code, 0, made.stderr)
  await tokenService({ audit_key: key }, [/--audit_key: .*ec\.pem: not an Ed25519 key/])
  await tokenService({ audit_checkpoint_interval: '0s' }, [/--audit_checkpoint_interval/])
})

test('token_service: an address in use', () => tokenService({ grpc_listen: world.grpcAddress }, [/--grpc_listen/]))

const SHIM_FLAGS = {
  http_listen: '127.0.0.1:0', token_service: '127.0.0.1:1', service_did: 'did:web:api.didpic.example',
  public_url: 'https://api.didpic.example',
}
const shim = (flags, patterns) =>
  assertRefuses(() => world.launch(process.env.XRPC_SHIM, { ...SHIM_FLAGS, ...flags }), patterns)

test('xrpc_shim: an unknown flag', () => shim({ no_such_flag: 'x' }, [/no_such_flag/]))

test('xrpc_shim: a service DID that is none', () => shim({ service_did: 'api.didpic.example' }, [/--service_did/]))

test('xrpc_shim: a directory over http without leave', () => shim({ plc_url: 'http://127.0.0.1:1' }, [/--plc_url/]))

test('xrpc_shim: two faults are two lines', () =>
  shim({ http_listen: 'nonsense', token_service: 'nonsense' }, [/--http_listen/, /--token_service/]))

/** The shim with a policy that has these issuers. */
async function shimWithIssuers(oauthIssuers, patterns, flags = {}) {
  await writeFile(world.policy, policyText({ oauthIssuers }))
  await shim({ policy: world.policy, ...flags }, patterns)
}

test('xrpc_shim: each fault of the policy is a line', async () => {
  await writeFile(world.policy, policyText({ rateLimits: 'per_viewer: 0 per_address: 0' }))
  await shim({ policy: world.policy }, [/--policy.*per_viewer/, /--policy.*per_address/])
})

test('xrpc_shim: an OAuth issuer that is no origin', () =>
  shimWithIssuers([{ url: 'https://auth.didpic.example/path' }], [/--policy.*didpic.example\/path/]))

test('xrpc_shim: OAuth issuers without the keys that they were given', () =>
  shimWithIssuers([{ url: 'https://auth.didpic.example', jwksFile: join(world.folder, 'absent') }], [/--policy.*absent/]))

test('xrpc_shim: an OAuth issuer over http without leave', () =>
  shimWithIssuers([{ url: 'http://127.0.0.1:1' }], [/--policy.*--allow_insecure_resolution/]))

test('xrpc_shim: an OAuth issuer where no URL of ours is known', () =>
  shimWithIssuers([{ url: 'https://auth.didpic.example' }], [/--policy.*--public_url/],
    { service_did: 'did:plc:7iza6de2dwap2sbkpav7c6c6', public_url: '' }))

test('xrpc_shim: a secret that is too short', async () => {
  const file = join(world.folder, 'short_secret')
  await writeFile(file, 'secret')
  await shim({ dpop_secret: file }, [/--dpop_secret.*shorter/])
})
