// A program under test as a child process: its listeners, its signals and everything it prints.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const START_LIMIT_MS = 20_000

/** What two parallel waits on one program end with, whichever comes first. */
const after = (ms, message) =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(message)), ms).unref())

export class Program {
  #child
  #exited
  #watchers = new Set()

  /** Everything printed so far, both streams as they came. */
  output = ''

  /** Starts `path`; it is killed with this process, however that ends. */
  constructor(path, args) {
    this.name = path.split('/').pop()
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#exited = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }))
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text
        for (const look of this.#watchers) look()
      })
    }
    this.#exited.then(() => this.#watchers.forEach((look) => look()))
  }

  get pid() {
    return this.#child.pid
  }

  /** HOST:PORT of the listener of this kind, from the line `listening KIND HOST:PORT`. */
  async listener(kind) {
    const found = await this.printed(new RegExp(`^listening ${kind} (\\S+:\\d+)$`, 'm'))
    return found[1]
  }

  /** Waits until `pattern` is in the output past `from`; fails when the program ends before. */
  async printed(pattern, from = 0) {
    const seen = new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.output.slice(from))
        const over = this.#child.exitCode !== null || this.#child.signalCode !== null
        if (!found && !over) return
        this.#watchers.delete(look)
        if (found) resolve(found)
        else reject(new Error(`${this.name} ended before it printed ${pattern}:\n${this.output}`))
      }
      this.#watchers.add(look)
      look()
    })
    return Promise.race([seen, after(START_LIMIT_MS, `${this.name} did not print ${pattern} in time`)])
  }

  signal(name) {
    this.#child.kill(name)
  }

  /** Waits for the end: `{code, signal}`. */
  async exit() {
    return Promise.race([this.#exited, after(START_LIMIT_MS, `${this.name} did not exit in time`)])
  }

  async kill() {
    this.signal('SIGKILL')
    return this.exit()
  }

  async terminate() {
    this.signal('SIGTERM')
    return this.exit()
  }
}

/** Runs `path` to its end: `{code, stdout, stderr}`. For the clients; the test's own event loop keeps running. */
export async function run(path, args) {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}
