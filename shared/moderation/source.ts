/**
 * What a moderation system is to Unpush. One source is one file of sources/, which exports one `Source`, and one line of sources.ts.
 *
 * A source knows how its deliveries are signed and what they say. It sees bytes and secrets only: no ledger, no clock, no
 * vendor of pushes. Everything all sources share (sizes, time window, strict JSON, repeats) is the receiver's.
 */
import type { ZodMiniType } from 'zod/mini'

/**
 * What a delivery may cause. A: body and time are signed. B: the body is, without a time, so that it can be replayed for
 * ever. C: the verdict is not signed; such a source never acts on its own word.
 */
export type Tier = 'A' | 'B' | 'C'

/** As it came, before anything of it is believed. */
export interface Delivery {
  readonly body: Buffer
  /** Lower-case names; repeated ones joined with ', '. */
  readonly headers: { readonly [lowerName: string]: string | undefined }
  /** The parameter `key` of the URL; null: there is none, or more than one. */
  readonly urlKey: string | null
}

/** What a signature vouches for. Of tier C: what the delivery says of itself. */
export interface Genuine {
  /** Bytes of a JSON text, exactly those that are signed. */
  readonly json: Buffer
  /** The same for repeats of one delivery, and for nothing else: the sender's id, or a digest of what is signed. */
  readonly key: string
  /** Unix seconds as they were sent and signed; null: the source signs no time. */
  readonly timestamp: string | null
}

export type Decision = 'block' | 'review' | 'pass'
/** Whose word it is, the weakest first. */
export const authorities = ['machine', 'human', 'appeal'] as const
export type Authority = (typeof authorities)[number]

export interface ItemType {
  readonly id: string
  /** For people; null: it has none beside the id. */
  readonly name: string | null
}

/** One decision on one content. */
export interface Verdict {
  /** The content id as the source was given it, without the endpoint's prefix. Null: it names none. */
  readonly content: string | null
  /** Null: the source delivers an action, and only the endpoint's policy knows what that is. */
  readonly decision: Decision | null
  readonly action: string | null
  readonly authority: Authority
  /** What kind of thing was judged; null: the source does not say. */
  readonly type: ItemType | null
  /** Counts repeated reviews by the same authority; 0 where the source counts none. */
  readonly round: number
  /** When it was decided; null: the source does not say. */
  readonly occurredAt: Date | null
  readonly labels: readonly string[]
  readonly reason: string | null
}

/** Genuine, and yet no verdict could be made of it. `unreadable` says why for people, and repeats no value. */
export interface Unreadable {
  readonly unreadable: string
}

/** What a source says in a delivery, in order. */
export type Reading = readonly (Verdict | Unreadable)[]

export interface Reader {
  /** Of the signature, Unix seconds; null: none is signed. */
  readonly timestamp: string | null
  readonly arrivedAt: Date
}

/** Jobs that a source can be asked about. */
export interface Jobs {
  /** What an id looks like, as a regular expression that PostgreSQL reads too: it goes into a URL. */
  readonly pattern: string
  /** The job that a delivery names, and the content that it claims; null: none, or only a test. */
  named(document: unknown): { readonly job: string; readonly content: string | null } | null
}

export interface Source<Secret = unknown> {
  /** As in the endpoint's document, in file names and in `npm run sign`. */
  readonly name: string
  readonly tier: Tier
  /** One version of the document's `secret`; during rotation there are two. */
  readonly secret: ZodMiniType<Secret>
  /** The member that a bare text in place of the object stands for. */
  readonly bareSecret?: string
  /** Null: not signed with this secret. Compares in constant time, and never throws. */
  verify(delivery: Delivery, secret: Secret): Genuine | null
  /** Names of all members that are read, at whatever depth. */
  readonly members: ReadonlySet<string>
  /**
   * What a genuine document says. Empty where it is known to say nothing of a content: tests, other events, what is not
   * finished. Whatever else it cannot make out is unreadable, never nothing. Never throws.
   */
  read(document: unknown, reader: Reader): Reading
  /** Tier C, where its own API can be asked about a job. */
  readonly jobs?: Jobs
  /** The JSON that tells the sender not to send it again. */
  readonly acknowledgement: object
}

/** What most sources take: any body with a 200. */
export const received = { received: true }

/** A verdict of which only some members are known. */
export function verdictOf(known: Partial<Verdict> & Pick<Verdict, 'content'>): Verdict {
  return {
    decision: null,
    action: null,
    authority: 'machine',
    type: null,
    round: 0,
    occurredAt: null,
    labels: [],
    reason: null,
    ...known,
  }
}

const severities: readonly Decision[] = ['pass', 'review', 'block']

/** The gravest of several; null of none. */
export function gravest(decisions: readonly (Decision | null | undefined)[]): Decision | null {
  const ranks = decisions.map(decision => (decision ? severities.indexOf(decision) : -1))
  return severities[Math.max(-1, ...ranks)] ?? null
}

/** The three words themselves, which several sources use. */
export const decisionWords: { readonly [word: string]: Decision } = { block: 'block', review: 'review', pass: 'pass' }
