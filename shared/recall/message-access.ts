/** Who may see a message, who may change it, and what is told of one to whom. */
import { callerOf, reaches, visibleTo } from '../access/grant.ts'
import { Problem } from '../errors.ts'
import type { Right } from '../functions.ts'
import { readMessage, type StoredMessage } from '../ledger/messages.ts'
import { HandleTaken } from '../ledger/new-targets.ts'
import { findVendors } from '../providers/provider.ts'
import type { SignedContext } from '../serve.ts'
import type { Joining } from './join.ts'
import { isOwn, ownedOf } from './owned.ts'
import { viewMessage } from './view.ts'
import { viewOptions } from './view-options.ts'

/** Message and targets, or not-found: also where some of it lies outside the caller's grant. */
export async function visibleMessage(context: SignedContext, id: string): Promise<StoredMessage> {
  const message = await readMessage(context.ledger, id)
  if (message === null || !visibleTo(ownedOf(message), callerOf(context.principal, 'read'))) throw noSuchMessage()
  return message
}

/** A sender changes what its owner or person registered, an operator what lies in his apps. */
export async function changeableMessage({ ledger, principal }: SignedContext, id: string): Promise<StoredMessage> {
  const message = await readMessage(ledger, id)
  if (message === null) throw noSuchMessage()
  const owned = ownedOf(message)
  if (isOwn(message, principal)) return message
  if (principal.may('operate') && visibleTo(owned, callerOf(principal, 'operate'))) return message
  if (!visibleTo(owned, callerOf(principal, 'send'))) throw noSuchMessage()
  throw new Problem(
    'forbidden',
    'This message was registered by somebody else: a sender changes what its own keys registered, an operator what lies in his apps.',
  )
}

export function noSuchMessage(): Problem {
  return new Problem('not-found', 'There is no such message.')
}

/** As the caller may see it: targets of apps that he does not reach are only counted. */
export async function shown(context: SignedContext, message: StoredMessage, right: Right = 'read'): Promise<object> {
  const { grant } = callerOf(context.principal, right)
  const targets = message.targets.filter(target => reaches(grant, target.app))
  const outside = message.targets.length - targets.length
  const options = {
    ...(await viewOptions(context, [], context.principal)),
    providers: await findVendors(context.vendors, targets),
    caller: callerOf(context.principal, right),
  }
  const view = viewMessage({ ...message, targets }, options)
  return outside === 0 ? view : { ...view, outside }
}

/** The other message is named only to who may see it. */
export async function handleTaken({ ledger, principal }: SignedContext, error: unknown): Promise<never> {
  if (!(error instanceof HandleTaken)) throw error
  const other = await readMessage(ledger, error.messageId)
  if (
    other !== null &&
    other.targets.some(
      target => target.app === error.app && target.handle === error.handle && target.superseded !== null,
    )
  ) {
    throw new Problem(
      'conflict',
      `The message ${error.messageId} went out under ${error.handle} of ${error.app} before another message did: what is pushed under it now is a message of its own.`,
    )
  }
  const named = other !== null && (isOwn(other, principal) || visibleTo(ownedOf(other), callerOf(principal, 'read')))
  throw new Problem(
    'conflict',
    `The push ${error.handle} of ${error.app} belongs to ${named ? `the message ${error.messageId}` : 'another message'} already.`,
    named ? { members: { message: error.messageId } } : {},
  )
}

/** The caller as who brings something to a recall. */
export function bringing(context: SignedContext): Joining {
  return { ...context, by: callerOf(context.principal, 'send') }
}
