/** Ask before you send: what would take back a message that is registered now (contract §4.1). */
import { callerOf, visibleTo } from '../access/grant.ts'
import { holdsQuery } from '../api-schemas.ts'
import { Problem } from '../errors.ts'
import type { Right } from '../functions.ts'
import { findHolds, type Intent } from '../ledger/holds.ts'
import { readMessage } from '../ledger/messages.ts'
import type { NewTarget } from '../ledger/new-targets.ts'
import type { ApiResponse } from '../platform/request.ts'
import { json, type SignedContext } from '../serve.ts'
import { isOwn, ownedOf } from './owned.ts'

/** By a content id or a message's id: whatever else the caller registers under it. */
export async function holds(context: SignedContext): Promise<ApiResponse> {
  const { content = null, message = null } = context.query(holdsQuery())
  if ((content === null) === (message === null)) {
    const errors = ['content', 'message'].map(name => ({
      path: `/${name}`,
      message: 'give exactly one of content, message',
    }))
    throw new Problem('invalid-request', 'Give exactly one of content and message.', { errors })
  }
  return answer(context, 'ask', { contents: content === null ? [] : [content], message, handles: [], apps: null })
}

/** What registering this very body would meet; registers nothing. */
export async function askFirst(
  context: SignedContext,
  { id, contents = [] }: { readonly id?: string | undefined; readonly contents?: readonly string[] | undefined },
  targets: readonly NewTarget[],
): Promise<ApiResponse> {
  return answer(context, 'send', {
    contents,
    message: id ?? null,
    handles: targets
      .filter(({ handleMadeBy }) => handleMadeBy === 'vendor')
      .map(({ app, handle }) => ({ app, handle })),
    apps: targets.length === 0 ? null : [...new Set(targets.map(({ app }) => app))],
  })
}

async function answer(context: SignedContext, right: Right, intent: Intent): Promise<ApiResponse> {
  const caller = callerOf(context.principal, right)
  const taken = intent.message !== null && (await isOthers(context, right, intent.message))
  const found = await findHolds(
    context.ledger,
    { ...intent, message: taken ? null : intent.message, apps: intent.apps ?? caller.grant },
    caller,
  )
  const shown = found.map(({ recall, verdict }) => (verdict === null ? { recall } : { recall, verdict }))
  return json(200, { held: shown.length > 0, holds: shown })
}

/** Somebody else has this id: nothing of the caller's is ever registered under it. */
async function isOthers({ ledger, principal }: SignedContext, right: Right, id: string): Promise<boolean> {
  const message = await readMessage(ledger, id)
  if (message === null) return false
  return !isOwn(message, principal) && !visibleTo(ownedOf(message), callerOf(principal, right))
}
