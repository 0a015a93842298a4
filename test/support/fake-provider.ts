/** Vendors that do what the test says: one that takes tokens, one that takes tasks. */
import * as z from 'zod/mini'
import type { Operation } from '../../shared/operation.ts'
import type {
  Addressing,
  Call,
  OperationCapability,
  Outcome,
  Provider,
  StatusReading,
  VendorReply,
  VendorRequest,
} from '../../shared/providers/provider.ts'
import type { App, Apps } from '../../shared/recall/apps.ts'

export const noReply: VendorReply = { code: null, message: null, requestId: null, httpStatus: null }
/** What a settlement says beside its attempt and its change, where there is nothing to say. */
export const nothingElse = {
  progress: null,
  confirmations: 0,
  failures: 0,
  vendor: null,
  warnings: [],
  notices: [],
  assessed: null,
  record: null,
  hold: null,
} as const
export const yes: Outcome = { kind: 'accepted', vendor: { ...noReply, code: '0' } }

/** 100 queries an hour, divided as a vendor's are. */
export const fakeWindow = {
  limit: 100,
  windowMs: 3_600_000,
  shares: {
    proof: { calls: 40, kept: true, borrows: true },
    overlay: { calls: 20, kept: true },
    look: { calls: 20 },
    discover: { calls: 12 },
    people: { calls: 8 },
  },
} as const

export interface FakeCall {
  readonly step: Operation | 'status'
  readonly handle: string
  readonly tokens: readonly string[]
  readonly renew: boolean
}

export interface FakeOptions {
  readonly addressing: 'task' | 'tokens'
  readonly answer: (call: FakeCall) => Outcome | StatusReading | Promise<Outcome | StatusReading>
  readonly perSecond?: number
  readonly burst?: number
  readonly methods?: readonly (Operation | 'status')[]
  /** How operations name devices, where they do so in another way. */
  readonly ways?: { readonly [O in Operation]?: Addressing }
  readonly repeatable?: boolean
}

export function fakeProvider({
  addressing,
  answer,
  perSecond = 1e9,
  burst = 1e9,
  methods,
  ways = {},
  repeatable,
}: FakeOptions): {
  provider: Provider
  calls: FakeCall[]
} {
  const calls: FakeCall[] = []
  const offered = methods ?? (addressing === 'task' ? ['stop', 'revoke', 'overlay', 'status'] : ['revoke', 'overlay'])
  const make =
    (step: Operation | 'status') =>
    async ({ names, named }: VendorRequest, call: Call) => {
      const batch: string[] = named.by === 'tokens' ? JSON.parse(named.json.toString()) : []
      const tokens = named.by === 'token' ? [named.token] : batch
      const [handle] = Object.values(names)
      const made = { step, handle: String(handle), tokens, renew: call.renew }
      calls.push(made)
      return answer(made)
    }
  const proof = { stop: 'STOPPED', revoke: 'REVOKED', overlay: 'REPLACED' }
  const capability = (operation: Operation): OperationCapability => ({
    addressing: [ways[operation] ?? (addressing === 'task' ? { by: 'task' } : { by: 'tokens', most: 1000 })],
    confirmedBy: addressing === 'task' ? [proof[operation]] : [],
    needsRecord: addressing === 'task' && operation === 'overlay',
    repeatable: repeatable ?? operation !== 'overlay',
    channels: [],
  })
  const has = (step: Operation | 'status') => offered.includes(step)
  const act = (step: Operation) => make(step) as (request: VendorRequest, call: Call) => Promise<Outcome>
  const provider: Provider = {
    name: addressing === 'task' ? 'fake-tasks' : 'fake-tokens',
    title: ['Fake', 'Fake'],
    channels: {},
    sentences: {},
    openMembers: [],
    capabilities: {
      operations: { stop: capability('stop'), revoke: capability('revoke'), overlay: capability('overlay') },
      limits: [],
      identicalOverlayWindowMs: null,
    },
    credentials: z.looseObject({ provider: z.string() }),
    target: z.any(),
    handles: [
      addressing === 'task'
        ? { member: 'pushId', json: 'string', madeBy: 'vendor', sample: '1', words: ['A push.', '推送'] }
        : { member: 'notifyId', json: 'string', madeBy: 'sender', sample: '1', words: ['A key.', '标识'] },
    ],
    platform: () => (addressing === 'task' ? 'android' : 'harmony'),
    budget: () => 'fake',
    fare: (step, tokens) => [
      step === 'status'
        ? { lane: { name: 'query', kind: 'window', ...fakeWindow }, cost: 1 }
        : { lane: { name: 'devices', kind: 'rate', perSecond, burst }, cost: Math.max(1, tokens) },
    ],
    assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
    ...(has('stop') ? { stop: act('stop') } : {}),
    ...(has('revoke') ? { revoke: act('revoke') } : {}),
    ...(has('overlay') ? { overlay: (request, _content, call) => act('overlay')(request, call) } : {}),
    ...(has('status') ? { status: make('status') as NonNullable<Provider['status']> } : {}),
  }
  return { provider, calls }
}

export function fakeApps(provider: Provider, renewed: () => boolean = () => false): Apps {
  const app: App = { name: 'app', provider, credentials: { provider: provider.name } }
  return {
    names: async () => ['app'],
    find: async name => (name === 'app' ? app : null),
    renew: async () => renewed(),
  }
}

export function record(status: string): StatusReading {
  return { outcome: yes, record: { status, scheduled: false, detail: {} } }
}
