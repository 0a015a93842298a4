/**
 * Standard Webhooks, outgoing half
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/** True for `whsec_` and the base64 of 24 to 64 bytes. */
export function isSigningSecret(text: string): boolean {
  const key = keyOf(text)
  return text === `${prefix}${key.toString('base64')}` && key.length >= 24 && key.length <= 64
}

export interface SignedMessage {
  /** The same at every try: what receivers dedupe by. */
  readonly id: string
  /** Of this try, in epoch milliseconds. */
  readonly sentAtMs: number
  readonly body: string
}

/** Each secret gives one signature: during rotation a receiver that knows either accepts. */
export function signatureHeaders(
  { id, sentAtMs, body }: SignedMessage,
  secrets: readonly string[],
): { readonly [name: string]: string } {
  const timestamp = String(Math.floor(sentAtMs / 1000))
  const signatures = secrets.map(secret => {
    const digest = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
    return `v1,${digest}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), 'base64')
}
