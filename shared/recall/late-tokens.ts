/** Push tokens that are added to a registered message; where it is being taken back, they join. */
import { linkTo } from '../base-path.ts'
import { tokenLinesQuery, tokensBody } from '../api-schemas.ts'
import { Problem } from '../errors.ts'
import { parseInput } from '../json.ts'
import type { StoredMessage, StoredTarget } from '../ledger/messages.ts'
import { latestRecallOf } from '../ledger/latest-recall.ts'
import { linesOf, type TokenLines } from '../ledger/tokens.ts'
import type { ApiResponse } from '../platform/request.ts'
import { findVendors, type Provider } from '../providers/provider.ts'
import { bytesOf, mediaTypeOf } from '../request-input.ts'
import { json, type SignedContext } from '../serve.ts'
import { takesTokens } from './addressing.ts'
import { grow, joinWaitMs } from './join.ts'
import { bringing, changeableMessage } from './message-access.ts'
import { sealAndDrain, sealAsTheyCome, takeTokens } from './sealing.ts'
import { canonicalLines } from './spellings.ts'
import { readTokenLines } from './token-lines.ts'
import { fromQuery, namesOf, withNative } from './view-handle.ts'

export async function addTokens(context: SignedContext): Promise<ApiResponse> {
  const message = await changeableMessage(context, context.params['id'] ?? '')
  const { app, named, lines } = readTokens(context)
  if (!context.principal.reaches(app, 'send')) throw new Problem('forbidden', `This key does not reach the app ${app}.`)
  const { target, provider } = await pickTarget(message, context, app, named)
  const waiting = await takeTokens(context, { ...target, targetId: target.id }, canonicalLines(provider, lines))
  const recallId = await joinTokens(context, target)
  if (recallId === null) {
    if (waiting !== null) await sealAsTheyCome(context, target.id, waiting)
    return json(200, { received: lines.count })
  }
  return json(200, {
    received: lines.count,
    recall: { id: recallId, links: { self: linkTo(`/v1/recalls/${recallId}`) } },
  })
}

/** Tokens that wait for a target join the recall that takes it back. Resolves with its id; null: none does. */
export async function joinTokens(
  context: SignedContext,
  { id, app }: Pick<StoredTarget, 'id' | 'app'>,
): Promise<string | null> {
  const recall = await latestRecallOf(context.ledger, id)
  if (recall === null) return null
  await grow(bringing(context), recall.recallId, [app], 'tokens')
  await sealAndDrain(context, recall.recallId, [id], Date.now() + joinWaitMs)
  return recall.recallId
}

interface Members {
  readonly [member: string]: unknown
}

interface TokenInput {
  readonly app: string
  /** What else the request has: names of the target. */
  readonly named: Members
  readonly lines: TokenLines
}

/** JSON, or one JSON string a line with app and names in the query. */
function readTokens(context: SignedContext): TokenInput {
  if (mediaTypeOf(context.request) !== 'application/x-ndjson') {
    const { app, tokens, ...named } = context.body(tokensBody())
    return { app, named, lines: linesOf(tokens) }
  }
  const { app, ...named } = context.query(tokenLinesQuery())
  const lines = readTokenLines(bytesOf(context.request))
  if (lines.count === 0) {
    const message = 'must hold at least one push token'
    throw new Problem('invalid-request', `The body ${message}.`, { errors: [{ path: '', message }] })
  }
  return { app, named, lines }
}

/** The one target of the app that takes tokens and has these names. Rejects where there is none, or more than one. */
async function pickTarget(
  message: StoredMessage,
  context: SignedContext,
  app: string,
  named: Members,
): Promise<{ readonly target: StoredTarget; readonly provider: Provider }> {
  const providers = await findVendors(context.vendors, message.targets)
  const candidates = message.targets.flatMap(target => {
    const provider = providers.get(target.provider)
    return target.app === app && provider !== undefined && takesTokens(provider) ? [{ target, provider }] : []
  })
  const meant = candidates.filter(({ target, provider }) => isNamed(target, provider, named))
  const [first, second] = meant
  if (first === undefined) {
    const names = Object.entries(named).map(([member, value]) => ` with ${member} ${String(value)}`)
    throw new Problem('not-found', `The message has no target of ${app}${names.join('')} that takes tokens.`)
  }
  if (second !== undefined) {
    const { member } = first.provider.handles[0]
    const message = 'is needed: this message has several targets of the app'
    throw new Problem('invalid-request', `${member} ${message}.`, { errors: [{ path: `/${member}`, message }] })
  }
  return first
}

function isNamed({ handle, names }: StoredTarget, provider: Provider, named: Members): boolean {
  if (Object.keys(named).length === 0) return true
  const wanted = parseInput(provider.target, withNative(provider, fromQuery(provider, named)), []).names
  const held = namesOf(provider, handle, names)
  return Object.entries(wanted).every(([member, value]) => held[member] === value)
}
