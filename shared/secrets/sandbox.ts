/**
 * `SECRETS=sandbox`: demo secrets, wired to the sandbox vendors by whoever started those in this process.
 */
import { SecretError, type SecretSource, sourceOfDocuments } from './source.ts'

export interface SecretDocuments {
  readonly [name: string]: unknown
}

let provided: (() => SecretDocuments) | null = null

/** Called by the sandbox before any function runs. A function is asked anew at each fetch. */
export function provideSandboxSecrets(documents: SecretDocuments | (() => SecretDocuments)): void {
  provided = isFunction(documents) ? documents : () => documents
}

export function sandboxSource(): SecretSource {
  return sourceOfDocuments('sandbox', async secret => {
    if (provided === null) {
      throw new SecretError('unavailable', secret, null, 'SECRETS=sandbox works only under npm start')
    }
    return new Map(Object.entries(provided()))
  })
}

function isFunction(documents: SecretDocuments | (() => SecretDocuments)): documents is () => SecretDocuments {
  return typeof documents === 'function'
}
