/** The demo app at Getui, its tasks, its tokens, and what has been asked. Plain JSON. */
import { randomBytes } from 'node:crypto'

export interface GetuiTask {
  readonly id: string
  /** RASS, RASL, RASA: only the last two can be stopped. */
  readonly kind: 'single' | 'list' | 'all'
  readonly title: string
  readonly body: string
  readonly url: string | null
  /** Client ids, in the order in which they are sent to. */
  readonly to: readonly string[]
  /** On Android and HarmonyOS. */
  readonly notifyId: number | null
  /** On iPhones. */
  readonly collapseId: string | null
  /** Epoch milliseconds. Null: it was never scheduled, and has no record. */
  readonly scheduledAtMs: number | null
  readonly startsAtMs: number
  /** Devices a second; null: all at once. */
  readonly perSecond: number | null
  readonly ttlMs: number
  /** Made at the API, and not by the demo's own sender. */
  readonly correction: boolean
  sentTo: number
  stopped: boolean
  deleted: boolean
}

export interface GetuiState {
  readonly appId: string
  readonly appKey: string
  readonly masterSecret: string
  readonly tasks: GetuiTask[]
  readonly tokens: { [token: string]: { readonly endsAtMs: number; calls: number } }
  /** When each request id was taken, for an hour. */
  readonly requestIds: { [id: string]: number }
  /** When pushes to many were made, for a minute. */
  readonly broadcasts: number[]
  logins: number
  stops: number
  deletes: number
  /** Messages that recall, one a device or one an audience. */
  revokes: number
  overlays: number
  requests: number
}

/** 22 letters and digits, as the console shows them. */
function consoleText(): string {
  return randomBytes(40)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 22)
}

export function createGetuiState(): GetuiState {
  return {
    appId: consoleText(),
    appKey: consoleText(),
    masterSecret: consoleText(),
    tasks: [],
    tokens: {},
    requestIds: {},
    broadcasts: [],
    logins: 0,
    stops: 0,
    deletes: 0,
    revokes: 0,
    overlays: 0,
    requests: 0,
  }
}
