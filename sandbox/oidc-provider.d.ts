/** The part of `oidc-provider` that the sandbox uses; the package describes none of itself. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export default class Provider {
    constructor(issuer: string, configuration: object)
    use(
      middleware: (
        context: { body: unknown; set(header: string, value: string): void },
        next: () => Promise<void>,
      ) => Promise<void>,
    ): void
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
  }
}
