/** The recalls that functions die over: three batches of one handle, and in some a task beside them. */
import type { Step } from './function-process.ts'

export const tokensEach = 2100

export interface Recall {
  readonly number: number
  readonly register: readonly Step[]
  readonly request: (wait: number) => Step
  /** Units as the vendor names them. */
  readonly units: readonly string[]
}

/** Of a message with a task beside its tokens, or of a bare handle. */
export function recallOf(number: number, whole: boolean, key: string): Recall {
  const tokens = Array.from({ length: tokensEach }, (_, index) => `${number}-${index}`)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const huawei = { app: 'phones', notifyId: number, tokens }
  const batches = [0, 1000, 2000].map(first => `huawei:${number}:${number}-${first}`)
  const targets = [huawei, { app: 'tasks', pushId: String(number), audience: 'all' }]
  const subject = whole ? { message: `m-${number}` } : { target: huawei }
  return {
    number,
    register: whole
      ? [{ call: 'messages', path: '/v1/messages', headers, body: JSON.stringify({ id: `m-${number}`, targets }) }]
      : [],
    request: wait => ({
      call: 'revoke',
      path: '/v1/revoke',
      headers: { ...headers, 'idempotency-key': `key-${number}`, prefer: `wait=${wait}` },
      body: JSON.stringify({ ...subject, reason: 'crash harness' }),
    }),
    units: whole ? [...batches, `tpns:${number}`] : batches,
  }
}
