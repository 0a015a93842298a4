/** The demo app at OneSignal, its messages, and what has been asked. Plain JSON. */
import { randomBytes, randomUUID } from 'node:crypto'

export interface OneSignalMessage {
  readonly id: string
  /** On phones. */
  readonly collapseId: string | null
  /** In browsers. */
  readonly topic: string | null
  readonly title: string
  readonly body: string
  readonly url: string | null
  /** Subscription ids, in the order in which they are sent to. */
  readonly to: readonly string[]
  /**
   * at-once: handed to Google, Apple and browsers' push services as fast as they take it · last-active: each when its owner is
   * active, for a day at most (`delayed_option`).
   */
  readonly delivery: 'at-once' | 'last-active'
  /** Subscriptions a second; null: all at once. */
  readonly perSecond: number | null
  readonly queuedAtMs: number
  readonly sendAtMs: number
  readonly ttlSeconds: number
  /** Made at the API, and not by the demo's own sender. */
  readonly correction: boolean
  canceled: boolean
  sentTo: number
  completedAtMs: number | null
}

export interface OneSignalState {
  readonly appId: string
  readonly apiKey: string
  readonly messages: OneSignalMessage[]
  /** What was answered under an idempotency key, for 30 days. */
  readonly answered: { [key: string]: { readonly text: string; readonly atMs: number } }
  /** When single messages were viewed, for ten seconds. */
  readonly views: number[]
  /** Messages that were made at the API. */
  creates: number
  cancels: number
}

export function createOneSignalState(): OneSignalState {
  return {
    appId: randomUUID(),
    apiKey: `os_v2_app_${randomBytes(40).toString('hex')}`,
    messages: [],
    answered: {},
    views: [],
    creates: 0,
    cancels: 0,
  }
}
