// How an AppView asks about widget tokens, in TypeScript with @grpc/grpc-js and @grpc/proto-loader.
import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** What the AppView does with a request: serve it as this account, or send this XRPC error. */
export type Answer = { serveAs: string } | { status: 401 | 403 | 502; error: string; message: string }

/** The reply of Validate as @grpc/proto-loader gives it, with `oneofs: true`: `verdict` names the field that is set. */
interface ValidateResponse {
  verdict?: 'active' | 'refusal'
  active?: { did: string; token_id: string; profile: string }
  refusal?: { reason: string }
}

interface TokenServiceClient extends grpc.Client {
  validate(
    request: { token: string; method: string },
    options: grpc.CallOptions,
    callback: (error: grpc.ServiceError | null, response?: ValidateResponse) => void,
  ): grpc.ClientUnaryCall
}

export interface Options {
  /** HOST:PORT of token_service. */
  address: string
  /** The repository's proto/ folder, or a copy of it. */
  protoFolder: string
  /** PEM files for mutual TLS. Without them the connection is plaintext, which token_service takes on loopback only. */
  tls?: { ca: string; certificate: string; key: string }
  /** How long to wait for an answer. */
  timeoutMs?: number
}

// Asking twice is harmless, so an answer that got lost on the way is asked for again.
const SERVICE_CONFIG = JSON.stringify({
  methodConfig: [
    {
      name: [{ service: 'didpic.token.v1.TokenService', method: 'Validate' }],
      retryPolicy: {
        maxAttempts: 3,
        initialBackoff: '0.05s',
        maxBackoff: '0.5s',
        backoffMultiplier: 3,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    },
  ],
})

/** One for the whole process: it holds one connection, over which any number of calls go at once. */
export class WidgetTokens {
  readonly #client: TokenServiceClient
  readonly #timeoutMs: number

  constructor({ address, protoFolder, tls, timeoutMs = 1000 }: Options) {
    const definition = loadSync('didpic/token/v1/token_service.proto', {
      includeDirs: [protoFolder],
      keepCase: true,
      enums: String,
      oneofs: true,
    })
    const service = definition['didpic.token.v1.TokenService'] as grpc.ServiceDefinition
    const credentials = tls
      ? grpc.credentials.createSsl(readFileSync(tls.ca), readFileSync(tls.key), readFileSync(tls.certificate))
      : grpc.credentials.createInsecure()
    const Client = grpc.makeClientConstructor(service, 'TokenService')
    this.#client = new Client(address, credentials, {
      'grpc.service_config': SERVICE_CONFIG,
    }) as unknown as TokenServiceClient
    this.#timeoutMs = timeoutMs
  }

  /** Whether `token`, from `Authorization: Bearer`, may call the XRPC method `nsid`. */
  async judge(token: string, nsid: string): Promise<Answer> {
    let response: ValidateResponse
    try {
      response = await this.#validate(token, nsid)
    } catch {
      // Could not tell. A 401 would make the widget throw a good token away.
      return { status: 502, error: 'UpstreamFailure', message: 'Try again' }
    }
    // Nothing but this lets anyone in: a verdict that is missing or new is a refusal.
    if (response.verdict === 'active' && response.active?.did) return { serveAs: response.active.did }
    switch (response.refusal?.reason) {
      case 'EXPIRED':
        return { status: 401, error: 'ExpiredToken', message: 'Token has expired' }
      case 'METHOD_NOT_ALLOWED':
        return { status: 403, error: 'InsufficientScope', message: 'The token may not call this method' }
      default:
        return { status: 401, error: 'InvalidToken', message: 'Token is not valid' }
    }
  }

  close(): void {
    this.#client.close()
  }

  #validate(token: string, method: string): Promise<ValidateResponse> {
    const deadline = new Date(Date.now() + this.#timeoutMs)
    return new Promise((resolve, reject) => {
      this.#client.validate({ token, method }, { deadline }, (error, response) => {
        if (error || !response) reject(error ?? new Error('no response'))
        else resolve(response)
      })
    })
  }
}
