/** SCF's API (https://cloud.tencent.com/document/api/583/17232) as deploying needs it: calls that throw, and waiting. */
import { callTencent, type TencentCall } from '../shared/cloud/tencent.ts'

export type Reply = { readonly [member: string]: unknown }

export interface Scf {
  /** Rejects with ScfError. */
  call(action: string, data: Reply): Promise<Reply>
  /** As `call`; null where what it asks for is not there. */
  find(action: string, data: Reply): Promise<Reply | null>
  pause(ms: number): Promise<void>
}

/** One line: what was tried, and what the API said. */
export class ScfError extends Error {
  override readonly name = 'ScfError'
  readonly code: string

  constructor(action: string, subject: string, code: string, message: string) {
    super(`${action} ${subject}: ${code}${message === '' ? '' : `: ${message}`}`)
    this.code = code
  }
}

const timeoutMs = 30_000

export function openScf(to: Pick<TencentCall, 'region' | 'credentials' | 'endpoint'>): Scf {
  const call: Scf['call'] = async (action, data) => {
    const answer = await callTencent({ service: 'scf', version: '2018-04-16', action, data, timeoutMs, ...to })
    if (answer.ok) return answer.reply
    const { FunctionName: name, Domain: domain } = data
    throw new ScfError(action, String(name ?? domain), answer.code, answer.message)
  }
  return {
    call,
    find: async (action, data) => {
      try {
        return await call(action, data)
      } catch (error) {
        if (error instanceof ScfError && error.code.startsWith('ResourceNotFound')) return null
        throw error
      }
    },
    pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
  }
}

/** A member that is an object, or one without members. */
export function objectIn(reply: Reply, member: string): Reply {
  const value = reply[member]
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** The objects of a member that is a list. */
export function listIn(reply: Reply, member: string): Reply[] {
  const value = reply[member]
  return Array.isArray(value) ? value.map((item: object) => ({ ...item })) : []
}
