/**
 * What a vendor is to Unpush. One vendor is one folder, whose index.ts exports one `Provider`.
 *
 * A capability is a method that exists. A method makes exactly one request and never sleeps, retries or splits: the
 * caller batches by the operation's addressing, and repeats from the ledger's row.
 */
import type { ZodMiniType } from 'zod/mini'
import type { Operation } from '../operation.ts'
import type { WordTable, Words } from '../words.ts'
import type { Fare } from './budget.ts'
import type { Call, Credentials, Login } from './call.ts'
import type { CapabilityTable, ChannelEffect } from './capability.ts'
import type { FiguresReading, Listing, Outcome, StatusReading } from './outcome.ts'
import type { Audience, Handle, Names, OverlayContent, TargetInput, VendorRecord, VendorRequest } from './request.ts'

// the contract in one place: a folder of a vendor imports this file
export type * from './budget.ts'
export type * from './call.ts'
export type * from './capability.ts'
export type * from './outcome.ts'
export type * from './request.ts'

/** What is known of a target before anything is done. */
export interface TargetFacts<C extends Credentials = Credentials> {
  readonly credentials: C
  readonly names: Names
  /** As the caller stated it, or null. */
  readonly audience: Audience | null
  readonly record: VendorRecord | null
  /** The record was read after the operation: what it says was done by us. */
  readonly acted?: boolean
  readonly overlay: OverlayContent | null
}

/** Whether, and with what effect, an operation can be done: pure, no vendor is asked. */
export interface Assessment {
  /** Why it cannot be done, in words a user can act on. Null: it can be tried. */
  readonly refusal: string | null
  /** Members of the overlay that must be mended first; paths are JSON pointers below `/overlay`. */
  readonly invalid: readonly { readonly path: string; readonly message: string }[]
  readonly effects: readonly ChannelEffect[]
  /** An overlay would go to everybody: `identicalOverlayWindowMs` applies. */
  readonly toEverybody: boolean
  /** Plain sentences for people: what the vendor will not do. */
  readonly warnings: readonly string[]
}

/** What a vendor can be asked. */
export type Step = Operation | 'status' | 'list' | 'figures'

export interface Provider<C extends Credentials = Credentials> {
  readonly name: string
  /** What people call it. */
  readonly title: Words
  /** Ways to a phone, by the words of its capability tables. */
  readonly channels: WordTable
  /** What its record may say of a push. */
  readonly statuses?: WordTable
  /**
   * Refusals, warnings and notes of its own, by codes that begin with its name; `{name}` stands for what differs. Answers carry
   * the code beside the sentence, so that each reader has it in their language.
   */
  readonly sentences: WordTable
  readonly capabilities: CapabilityTable
  /** The secret's document. Strict: an unknown member of ours is an error; the vendor's own file is taken as it is. */
  readonly credentials: ZodMiniType<C>
  /** Members of that document, at any depth, that are no secret: logs may show them. */
  readonly openMembers: readonly string[]
  /** The names of a push, first those that the vendor makes. The first that a target has is its identity. */
  readonly handles: readonly [Handle, ...Handle[]]
  /** A target's members besides `app`. Strict. */
  readonly target: ZodMiniType<TargetInput>
  /**
   * What those members are that no handle names and no other vendor has, in a sentence for people; those inside another one as
   * `<that one>.<member>`.
   */
  readonly members?: WordTable
  /**
   * The one spelling of a push token that the vendor takes in several: by it the same device is known however it was written.
   * The same token for what is not of that form, and for what is in that spelling already. Without it each text is a device.
   */
  readonly canonicalToken?: (token: string) => string
  /** What the app's phones run; null: several. */
  platform(credentials: C): 'android' | 'ios' | 'harmony' | null
  /** What its record says for people; without it a record has nothing but its status. `source`: the vendor's word for how it was sent. */
  describe?(record: VendorRecord): { readonly audience: string | null; readonly source: string | null }
  /** The identity that vendor budgets hang on: two apps with one credential share a budget. */
  budget(credentials: C): string
  /**
   * The budgets one call draws on. `tokens`: devices that it names; of a unit of requests for one token each, all of them.
   * `audience`: whom it goes to, where it names none.
   */
  fare(step: Step, tokens: number, credentials: C, audience?: Audience | null): readonly Fare[]
  /** Asked before anything is: also for what it has no method for, since its refusal says more than that there is none. */
  assess(operation: Operation, facts: TargetFacts<C>): Assessment
  readonly login?: Login<C>

  stop?(request: VendorRequest, call: Call<C>): Promise<Outcome>
  revoke?(request: VendorRequest, call: Call<C>): Promise<Outcome>
  overlay?(request: VendorRequest, content: OverlayContent, call: Call<C>): Promise<Outcome>
  status?(request: VendorRequest, call: Call<C>): Promise<StatusReading>
  /** One page of what was pushed since then, in any order; `page` null: the first. The timer `discover` registers it. */
  list?(since: Date, page: string | null, call: Call<C>): Promise<Listing>
  /**
   * How many devices a push went to. The timer `discover` asks, once its record has one of these statuses: before, the numbers
   * still grow.
   */
  readonly figures?: {
    readonly after: readonly string[]
    ask(request: VendorRequest, call: Call<C>): Promise<FiguresReading>
  }
  /**
   * The most harmless call that proves the credential: no device is meant. `step`: what it is, and is charged as. Anything but
   * `auth`, `refused`, `unknown` and `throttled` proves it.
   */
  readonly check?: { readonly step: Step; ask(call: Call<C>): Promise<Outcome> }
}

/** The vendors there are. */
export interface Vendors {
  readonly names: readonly string[]
  /** Null: none has this name. */
  find(name: string): Promise<Provider | null>
}

/** Members that are no secret, of an app's document; of any other: none. */
export async function openMembersOf(vendors: Vendors, document: unknown): Promise<readonly string[]> {
  const { provider = null } = (typeof document === 'object' ? (document ?? {}) : {}) as { provider?: unknown }
  return typeof provider === 'string' ? ((await vendors.find(provider))?.openMembers ?? []) : []
}

/** The vendors that these name, by name; what is no vendor here has no entry. */
export async function findVendors(
  vendors: Vendors,
  those: readonly { readonly provider: string | null }[],
): Promise<ReadonlyMap<string, Provider>> {
  const names = new Set(those.map(({ provider }) => provider ?? ''))
  const found = await Promise.all([...names].map(name => vendors.find(name)))
  return new Map(found.flatMap(provider => (provider === null ? [] : [[provider.name, provider]])))
}
