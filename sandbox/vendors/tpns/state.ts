/** TPNS's own books: its apps, its push tasks, what each has sent so far, and the limits it counts. Plain JSON. */
import { randomBytes } from 'node:crypto'
import type { BadgeChange } from '../../phone.ts'
import type { Audience } from './audience.ts'

export type TpnsAppName = 'news-android' | 'news-ios'

export interface TpnsApp {
  readonly accessId: string
  readonly secretKey: string
  readonly platform: 'android' | 'ios'
}

/** https://cloud.tencent.com/document/product/548/39076, `status`; those that this stand-in comes to. */
export type TaskStatus =
  | 'PUSH_WAIT'
  | 'PUSH_STARTED'
  | 'PUSH_FINISHED'
  | 'PUSH_CANCELED'
  | 'PUSH_REVOKED'
  | 'PUSH_DELETED_PUSH_MSG'
  | 'PUSH_COLLAPSED'

export interface TpnsTask {
  readonly pushId: string
  readonly app: TpnsAppName
  readonly title: string
  readonly content: string
  readonly url: string | null
  readonly badge: BadgeChange
  readonly messageType: 'notify' | 'message'
  readonly audience: Audience
  readonly collapseId: number
  readonly expireSeconds: number
  readonly environment: 'product' | 'dev'
  readonly sendAtMs: number
  /** Phones a second; null: all at once. */
  readonly perSecond: number | null
  /** The task in whose place it stands. */
  readonly overlays: { readonly pushId: string; readonly force: boolean } | null
  status: TaskStatus
  /** Phones of the audience it has been sent to. */
  sentTo: number
}

export interface TpnsState {
  readonly apps: { readonly [A in TpnsAppName]: TpnsApp }
  readonly tasks: TpnsTask[]
  /** Times of the queries of the last hour. */
  readonly queries: { readonly [A in TpnsAppName]: number[] }
  /** When the last push to everybody, tags or a package came in. */
  readonly widePushes: { [A in TpnsAppName]?: number }
  /** Digest of a push to everybody → when. */
  readonly fullPushes: { [digest: string]: number }
  next: number
}

export function createTpnsState(): TpnsState {
  const app = (accessId: string, platform: TpnsApp['platform']): TpnsApp => ({
    accessId,
    platform,
    secretKey: randomBytes(16).toString('hex'),
  })
  return {
    apps: { 'news-android': app('1500001048', 'android'), 'news-ios': app('1600001049', 'ios') },
    tasks: [],
    queries: { 'news-android': [], 'news-ios': [] },
    widePushes: {},
    fullPushes: {},
    // another world's ids are other ids: a message recalled there is not known here
    next: randomBytes(4).readUInt32BE() % 900_000_000,
  }
}
