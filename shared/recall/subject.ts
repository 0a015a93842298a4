/** Whom a recall names, and with what: the part of a request that needs the apps to be read. */
import { Problem } from '../errors.ts'
import { parseInput } from '../json.ts'
import type { Principal } from '../access/access.ts'
import type { Right } from '../functions.ts'
import type { NewTarget } from '../ledger/new-targets.ts'
import type { Subject } from '../ledger/facts.ts'
import type { Exceptions } from '../ledger/exceptions.ts'
import type { TargetInput, Vendors } from '../providers/provider.ts'
import { type App, type Apps, findApp } from './apps.ts'
import { batchSizeOf } from './addressing.ts'
import { canonicalTokens, readExceptions } from './spellings.ts'
import { keptAudience } from './audience.ts'
import { identityOf, keptNames, senderKeyOf, viewHandle, withNative } from './view-handle.ts'

/** The handle members that target inputs carry beside `app`. */
export interface LooseTarget {
  readonly app: string
  readonly [member: string]: unknown
}

/**
 * Reads a target's vendor members with the provider that knows them; error paths begin with `path`. Rejects with
 * `forbidden` where the app is outside the caller's grant for `right`, and with what `unknownApp` makes of an app that is not there.
 */
export async function readTarget(
  input: LooseTarget,
  path: string,
  apps: Apps,
  { principal, right }: { readonly principal: Principal; readonly right: Right },
  unknownApp: (message: string) => Problem,
): Promise<NewTarget & { readonly opened: App }> {
  const { app: name, ...members } = input
  if (!principal.reaches(name, right)) throw new Problem('forbidden', `This key does not reach the app ${name}.`)
  const opened = await findApp(apps, name)
  if (opened === null) throw unknownApp(`there is no app ${name}`)
  const target = parseInput(opened.provider.target, withNative(opened.provider, members), path.split('/').slice(1))
  return { opened, ...newTargetOf(opened, target) }
}

/** A target as the ledger takes it. */
export function newTargetOf(
  { name: app, provider }: App,
  { names, tokens, audience, audienceSize }: TargetInput,
): NewTarget {
  const { handle, value } = identityOf(provider, names)
  return {
    app,
    provider: provider.name,
    handle: value,
    handleMadeBy: handle.madeBy,
    names: keptNames(provider, names),
    senderKey: senderKeyOf(provider, names),
    batch: batchSizeOf(provider),
    audience: keptAudience(audience),
    audienceSize,
    tokens: canonicalTokens(provider, tokens),
  }
}

export interface NamedSubject {
  readonly subject: Subject
  /** As the recall shows it. */
  readonly shown: object
  /** The bare handle's own members; null for a message or a content. */
  readonly target: (NewTarget & { readonly opened: App }) | null
  /** Push tokens that are left alone. */
  readonly exceptions?: Exceptions
}

const subjects = ['message', 'messages', 'content', 'target'] as const

/** Exactly one of message, messages, content, target; beside the first three, tokens that are left alone. */
export async function readSubject(
  input: Parameters<typeof readNamed>[0] & { readonly exceptTokens?: readonly string[] | undefined },
  { apps, vendors, principal }: { readonly apps: Apps; readonly vendors: Vendors; readonly principal: Principal },
): Promise<NamedSubject> {
  const { exceptTokens } = input
  if (exceptTokens !== undefined && input.target !== undefined) {
    const errors = [{ path: '/exceptTokens', message: 'goes with message, messages or content, not with target' }]
    throw new Problem('invalid-request', 'exceptTokens does not go with target: leave them out of its tokens.', {
      errors,
    })
  }
  const named = await readNamed(input, apps, principal)
  if (exceptTokens === undefined || exceptTokens.length === 0) return named
  const exceptions = await readExceptions(vendors, exceptTokens)
  // push tokens are shown nowhere
  return { ...named, exceptions, shown: { ...named.shown, exceptTokens: exceptions.devices.length } }
}

async function readNamed(
  input: {
    message?: string | undefined
    messages?: readonly string[] | undefined
    content?: string | undefined
    target?: LooseTarget | undefined
  },
  apps: Apps,
  principal: Principal,
): Promise<NamedSubject> {
  const { message, messages, content, target } = input
  const given = subjects.filter(member => input[member] !== undefined).length
  if (given !== 1) {
    const errors = subjects.map(name => ({ path: `/${name}`, message: `give exactly one of ${subjects.join(', ')}` }))
    throw new Problem(
      'invalid-request',
      `Give exactly one of message, messages, content and target; ${given === 0 ? 'none' : given} were given.`,
      { errors },
    )
  }
  if (message !== undefined) return { subject: { message }, shown: { message }, target: null }
  if (messages !== undefined) {
    const each = { messages: [...new Set(messages)] }
    return { subject: each, shown: each, target: null }
  }
  if (content !== undefined) return { subject: { content }, shown: { content }, target: null }
  const read = await readTarget(
    target as LooseTarget,
    '/target',
    apps,
    { principal, right: 'operate' },
    text => new Problem('not-found', `In target: ${text}.`),
  )
  const shown = { target: { app: read.app, ...viewHandle(read.opened.provider, read.handle, read.names) } }
  return { subject: { app: read.app, handle: read.handle }, shown, target: read }
}
