/**
 * What a vendor's stand-in is. Each lives in a folder of its own, sandbox/vendors/<vendor>/, whose index.ts exports it as
 * `standIn`; the sandbox finds it there. Page, switches, API, documents and counts are drawn from it.
 */
import type { ServerHttp2Session } from 'node:http2'
import type * as z from 'zod/mini'
import type { CommonSwitches, Strike } from '../faults.ts'
import type { Fleet } from '../fleet.ts'
import type { PhoneGroup } from '../phone.ts'
import type { RsaKey } from '../rsa-key.ts'
import type { SwitchTable, ValuesOf, Words } from '../switch.ts'
import type { Judgement, VendorRequest } from './judgement.ts'

export type { Words } from '../switch.ts'

/** One set of credentials at the vendor, as a demo app uses it. */
export interface StandInApp {
  /** Of all apps of the sandbox, the only one of this name. */
  readonly name: string
  readonly title: Words
  /** The operations that the vendor has, the strongest first. */
  readonly operations: readonly ('revoke' | 'stop' | 'overlay')[]
  /** A push can go out little by little (`perSecond`), so that there is something left to stop. */
  readonly slowly: boolean
  /** The body of POST /_sandbox/push for this app: `app`, `title`, `content`, and what the vendor has beside those. */
  readonly push: z.ZodMiniType<{ readonly app: string; readonly title: string; readonly content: string }>
}

/** What a push is known by. */
export interface Pushed {
  /** What the vendor answers, by the members of a target; tokens too, where the sender has to know them. */
  readonly answer: { readonly [member: string]: unknown }
  /** Query of GET /_sandbox/recall that names this push. */
  readonly recall: { readonly [name: string]: string }
}

/** A push of the demo, as its sender registers it at POST /v1/messages. */
export interface DemoMessage {
  /** Of all demo messages, the only one of this name. */
  readonly id: string
  readonly target: { readonly app: string; readonly [member: string]: unknown }
}

export interface Campaign {
  readonly title: string
  readonly body: string
  /** Digits, others in each round: for keys that must not be used twice. */
  readonly round: string
}

/** Replies that faults are made of: they look like the vendor's own. */
export interface FaultReplies {
  /** A yes with HTTP 200; `truncated` is its first half. */
  readonly yes: string
  /** A refusal; `words` is JSON and stands where the vendor's message does. */
  refused(words: string): { readonly httpStatus: number; readonly text: string }
  /** A code that no document knows. */
  readonly unknownCode: { readonly httpStatus: number; readonly text: string }
}

export interface Parts<State, Own extends SwitchTable> {
  /** Plain JSON, kept over restarts; the stand-in changes it in place. */
  readonly state: State
  /** Live: the next call sees what was thrown. */
  readonly switches: CommonSwitches & ValuesOf<Own>
  /** The phones of this vendor's apps, and no others. */
  readonly fleet: Fleet
  readonly now: () => number
}

/** A stand-in at work. */
export interface RunningStandIn {
  /** How the request is answered, and what it does then. Never throws. */
  judge(request: VendorRequest, struck: Strike): Judgement
  /** Every quarter of a second: sends what is due. True where something changed. */
  tick?(): boolean
  /** The secret documents of its apps, by app; `endpoint` is where the stand-in listens. */
  secrets(endpoint: string): { readonly [app: string]: object }
  /** Sends what POST /_sandbox/push was given, as read by the app's `push`. */
  send(push: { readonly app: string; readonly title: string; readonly content: string }): Pushed
  /** The target of a recall of the push that the query names; null where it names none. */
  target(app: string, query: URLSearchParams): object | null
  /** Sends the demo's wrong push to all its phones, once an app. */
  demo(campaign: Campaign): readonly DemoMessage[]
  /** Of stand-ins that speak HTTP/2: called for every session, for its settings and for GOAWAY. */
  session?(session: ServerHttp2Session): void
}

export interface StandIn<
  State extends object = object,
  Own extends SwitchTable = SwitchTable,
  Running extends RunningStandIn = RunningStandIn,
> {
  /** The provider's name, and the folder's. */
  readonly vendor: string
  /** What the sandbox's API calls it, in switches and calls: the vendor's name, but for those whose older name is in use. */
  readonly name: string
  readonly title: Words
  /** It answers below /_sandbox/<mount>/. */
  readonly mount: string
  /** Where it stands on the page. The first two are open. */
  readonly order: number
  /** A port of its own for a vendor that speaks HTTP/2 (without TLS, by prior knowledge); under its mount it answers HTTP/1.1 too. */
  readonly protocol?: 'http/2'
  readonly apps: readonly StandInApp[]
  readonly phones: readonly PhoneGroup[]
  /** Beside those that all have. */
  readonly switches: Own
  readonly faults: FaultReplies
  /** For /_sandbox/docs. */
  readonly docs: {
    /** One line a call: the path under the mount, a word on it behind blanks. */
    readonly paths: readonly string[]
    /** One line an app: the body of POST /_sandbox/push and its answer. */
    readonly pushes: readonly string[]
    readonly checks: Words
    /** What the vendor's documents leave open and what is not simulated. */
    readonly leftOut: Words
  }
  /** What is written down of a request's path. Needed where a path holds a token or a secret. */
  maskPath?(path: string): string
  /** `makeKey`: where its apps sign with a key of RSA. */
  createState(makeKey?: () => RsaKey): State
  start(parts: Parts<State, Own>): Running
}
