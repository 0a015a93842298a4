/** From a key or token to somebody who is signed in. */
import type { Message, List } from './answers.ts'
import { call, isMissing, type ProblemView } from './api.ts'
import { type Credential, credential, ending, me, type Me, meKnown, signIn } from './session.ts'

/** Null: signed in. Else why not; who was signed in before is so still. */
export async function enter(given: Credential): Promise<ProblemView | null> {
  const headers = { authorization: `Bearer ${given.secret}` }
  const answer = await call<Me>('GET', '/v1/me', { headers })
  if (answer.kind === 'ok') {
    me.value = answer.body
    meKnown.value = 'yes'
  } else if (answer.kind === 'problem' && isMissing(answer.problem)) {
    // an older API does not tell who this is, but whether it knows the key
    const known = await call<List<Message>>('GET', '/v1/messages?limit=1', { headers })
    if (known.kind === 'problem' && known.problem.status !== 403) return known.problem
    me.value = null
    meKnown.value = 'old'
  } else if (answer.kind === 'problem') return answer.problem
  signIn(given)
  return null
}

/** Of a credential that another tab gave. */
export async function readMe(): Promise<void> {
  const held = credential.peek()
  if (held === null) return
  const refused = await enter(held)
  if (refused?.status === 401) {
    credential.value = null
    ending.value = 'expired'
  }
}
