/** The history of one recall as the API shows it: who did what, what each vendor answered, why it waited, how it ended. */
import { findVendors, type Names } from '../providers/provider.ts'
import { readEvents, type TrailEvent } from '../ledger/events.ts'
import type { ApiResponse } from '../platform/request.ts'
import { noticesIn } from '../notice-codes.ts'
import { json, type SignedContext } from '../serve.ts'
import { visibleRecall } from './recalls.ts'
import { viewHandle } from './view-handle.ts'

/** Actions of the trail in the words of the history; any other has the word of its action. */
const kinds: { readonly [action: string]: string } = {
  'recall.admitted': 'asked',
  'recall.approved': 'decided',
  'recall.declined': 'decided',
  'recall.reviewed': 'decided',
  'recall.grown': 'grew',
}

/** What of an entry's detail the history repeats. Ids of other recalls are not: who reads this may not see those. */
const told = ['operation', 'reason', 'ticket', 'state', 'devices', 'requests', 'digest', 'because'] as const

/** In the order of time. A caller who may see the recall sees all of it. */
export async function events(context: SignedContext): Promise<ApiResponse> {
  const recall = await visibleRecall(context, context.params['id'] ?? '')
  await context.sealer.now()
  const { trail, answers, blocked } = await readEvents(context.ledger, recall.id)
  const providers = await findVendors(context.vendors, answers)
  const where = (app: string, provider: string, handle: string | null, names: Names | null) => ({
    app,
    ...(handle === null ? {} : viewHandle(providers.get(provider) ?? null, handle, names)),
  })
  const [first] = answers
  const items = [
    ...trail.map(viewTrail),
    ...(first === undefined ? [] : [{ at: first.at, kind: 'begun' }]),
    ...answers.map(({ at, until, app, provider, handle, names, ...answer }) => ({
      at,
      kind: 'answers',
      until,
      ...where(app, provider, handle, names),
      ...answer,
    })),
    ...blocked.map(({ at, until, app, provider, handle, names, by, detail }) => ({
      at,
      kind: 'blocked',
      until,
      ...where(app, provider, handle, names),
      by,
      detail,
      notices: noticesIn(detail ?? ''),
    })),
  ]
  // sorts as it is written: to the microsecond, in UTC; equal ones stay in this order
  return json(200, { items: items.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)) })
}

function viewTrail({ at, seq, hash, actor, person, action, detail }: TrailEvent) {
  const word = action.replace(/^.*\./, '')
  const kind = kinds[action] ?? word
  return {
    at,
    kind,
    ...(kind === 'decided' ? { decision: word } : {}),
    actor,
    person,
    ...Object.fromEntries(told.flatMap(name => (detail[name] === undefined ? [] : [[name, detail[name]]]))),
    // null until it is sealed
    audit: seq === null ? null : { seq, hash },
  }
}
