/** `/v1/pauses`: the kill switch of an administrator (contract §4). */
import { linkTo } from '../base-path.ts'
import type * as z from 'zod/mini'
import { pauseBody } from '../api-schemas.ts'
import { callerOf, reaches } from '../access/grant.ts'
import { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import { addPause, liftPause, listPauses, type Pause, pauseKinds } from '../ledger/pauses.ts'
import type { ApiResponse } from '../platform/request.ts'
import { json, type SignedContext } from '../serve.ts'

export async function list(context: SignedContext): Promise<ApiResponse> {
  const pauses = await listPauses(context.ledger, callerOf(context.principal, 'pause'))
  return json(200, { items: pauses.map(viewPause), nextCursor: null })
}

/** 201 with the pause; 200 where it is there already. */
export async function add(context: SignedContext): Promise<ApiResponse> {
  const { kind, subject, reason } = subjectOf(context.body(pauseBody()))
  const caller = callerOf(context.principal, 'pause')
  if (kind === 'app' ? !reaches(caller.grant, subject) : caller.grant !== null) {
    throw new Problem(
      'forbidden',
      kind === 'app'
        ? `This key does not reach the app ${subject}.`
        : `A ${kind} may reach every app: only a key of all apps ("*") pauses it.`,
    )
  }
  const id = newId('pse')
  const asked = { [kind]: subject, reason }
  const entry = await context.signEntry({ by: caller, action: 'pause.set', object: id, request: asked })
  const { pause, isNew } = await addPause(context.ledger, { id, kind, subject, reason }, entry)
  context.sealer.soon()
  context.log.warn('paused', { pause: pause.id, kind, subject, actor: caller.id })
  return json(isNew ? 201 : 200, viewPause(pause), { location: linkTo(`/v1/pauses/${pause.id}`) })
}

export async function lift(context: SignedContext): Promise<ApiResponse> {
  const id = context.params['id'] ?? ''
  const caller = callerOf(context.principal, 'pause')
  const entry = await context.signEntry({ by: caller, action: 'pause.lifted', object: id, request: {} })
  if (!(await liftPause(context.ledger, id, caller, entry))) throw new Problem('not-found', 'There is no such pause.')
  context.sealer.soon()
  context.log.warn('pause lifted', { pause: id, actor: caller.id })
  return { status: 204, headers: {}, body: '' }
}

type PauseInput = z.output<ReturnType<typeof pauseBody>>

function subjectOf(body: PauseInput): Pick<Pause, 'kind' | 'subject' | 'reason'> {
  const given = pauseKinds.flatMap(kind => {
    const subject = body[kind]
    return subject === undefined ? [] : [{ kind, subject, reason: body.reason }]
  })
  const [one, second] = given
  if (one !== undefined && second === undefined) return one
  const message = `give exactly one of ${pauseKinds.join(', ')}`
  throw new Problem('invalid-request', `Give exactly one of ${pauseKinds.join(', ')}.`, {
    errors: pauseKinds.map(kind => ({ path: `/${kind}`, message })),
  })
}

function viewPause({ id, kind, subject, reason, pausedBy, person, createdAt }: Pause): object {
  return { id, [kind]: subject, reason, pausedBy, pausedByPerson: person, createdAt }
}
