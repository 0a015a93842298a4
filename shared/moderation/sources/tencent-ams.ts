/**
 * Tencent Cloud audio and video moderation (AMS, VM): header `X-Signature` = hex of SHA-256 over seed and raw body, where
 * the task was made with a `Seed` (https://www.tencentcloud.com/document/product/1139/46101). A plain hash, so that it can
 * be extended: what is appended is never JSON, and the receiver takes nothing else.
 */
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { matchesHex, sha256Of } from '../digests.ts'
import { idOf, itemsOf, meaningOf, membersOf, textsOf, timeOf, wordOf } from '../reading.ts'
import { decisionWords, received, type Source, verdictOf } from '../source.ts'

const secret = once(() => z.strictObject({ seed: z.string().check(z.minLength(1)) }))

/** Words of `Status`; where it is missing, the task has come to its end. */
const finished = new Set(['', 'finish'])
const unfinished = new Set(['pending', 'running', 'error', 'cancelled'])

export const tencentAms: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'tencent-ams',
  tier: 'B',
  get secret() {
    return secret()
  },
  members: new Set(
    ['DataId', 'Status', 'Suggestion', 'Label', 'UpdatedAt'].concat(['AudioSegments', 'ImageSegments', 'Result']),
  ),
  verify({ body, headers }, { seed }) {
    if (!matchesHex(headers['x-signature'], sha256Of(seed, body))) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document, { arrivedAt }) {
    const task = membersOf(document)
    if (task === null) return [{ unreadable: 'it is not an object' }]
    const said = {
      content: idOf(task['DataId']),
      labels: textsOf(task['Label']),
      occurredAt: timeOf(task['UpdatedAt'], arrivedAt),
    }
    const whole = meaningOf(decisionWords, task['Suggestion'])
    const status = wordOf(task['Status'])
    if (finished.has(status) && whole !== undefined) return [verdictOf({ ...said, decision: whole })]
    // what is still being watched can be blocked already, since the block of a part cannot become a pass of the whole
    const parts = [...itemsOf(task['AudioSegments']), ...itemsOf(task['ImageSegments'])].map(segment =>
      meaningOf(decisionWords, membersOf(membersOf(segment)?.['Result'])?.['Suggestion']),
    )
    if (whole === 'block' || parts.includes('block')) return [verdictOf({ ...said, decision: 'block' })]
    if (unfinished.has(status)) return []
    const what = finished.has(status) ? 'Suggestion is not Block, Review or Pass' : 'Status is not one of a task'
    return [{ unreadable: what }]
  },
  acknowledgement: received,
}
