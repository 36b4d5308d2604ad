// HTTP by real curl.
import { run } from './program.mjs'

/** Sends one request with curl: `{status, headers, text, json}`; header names in lower case. */
export async function curl(url, { method = 'GET', headers = {}, args = [] } = {}) {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const verb = method === 'HEAD' ? ['--head'] : ['-X', method]
  const result = await run('curl', ['-sS', '-i', '--max-time', '20', ...verb, ...fields, ...args, url])
  if (result.code !== 0) throw new Error(`curl ${url}: ${result.stderr}`)
  return parse(result.stdout)
}

function parse(reply) {
  const end = reply.indexOf('\r\n\r\n')
  const [statusLine, ...lines] = reply.slice(0, end).split('\r\n')
  const headers = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const status = Number(statusLine.split(' ')[1])
  const text = reply.slice(end + 4)
  if (status === 100) return parse(text)
  return { status, headers, text, json: headers['content-type']?.startsWith('application/json') && text ? JSON.parse(text) : undefined }
}
