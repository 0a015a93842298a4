/** What the sandbox's API takes, and what it does to a phone. */
import type { IncomingMessage } from 'node:http'
import * as z from 'zod/mini'
import { Problem } from '../shared/errors.ts'
import { parseInput, readJson } from '../shared/json.ts'
import { commonSwitches } from './faults.ts'
import { groupName } from './fleet.ts'
import { goOffline, goOnline, type Phone, touch } from './phone.ts'
import type { StandIn } from './vendors/stand-in.ts'
import { phoneView } from './views.ts'
import { readBody } from './wire.ts'

const bodyAtMostBytes = 64 * 1024
const listedAtMost = 500
const text = z.string().check(z.minLength(1), z.maxLength(1000))

export const phoneChange = z.strictObject({
  online: z.optional(z.boolean()),
  app: z.optional(z.enum(['alive', 'killed'])),
  click: z.optional(z.string()),
  clear: z.optional(z.string()),
})
/** Any of each stand-in's switches, by the stand-in's name. */
export function switchChange(standIns: readonly StandIn[]) {
  const changes = standIns.map(({ name, switches }) => {
    const all = Object.entries({ ...commonSwitches, ...switches })
    return [
      name,
      z.optional(z.partial(z.strictObject(Object.fromEntries(all.map(([at, { schema }]) => [at, schema]))))),
    ] as const
  })
  return z.strictObject(Object.fromEntries(changes))
}
export function pushApp(apps: readonly string[]) {
  return z.looseObject({ app: z.enum(apps) })
}
export const verdict = z.strictObject({
  source: text,
  content: text,
  verdict: z.enum(['block', 'review', 'pass']),
  label: z.optional(text),
})
export const nothing = z.strictObject({})

export async function read<T>(request: IncomingMessage, schema: z.ZodMiniType<T>): Promise<T> {
  return parseInput(schema, await readAny(request))
}

/** Throws Problem. A page of another site can post forms and plain text without being asked, and no JSON. */
export async function readAny(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Problem('unsupported-media-type', 'Send JSON, as application/json.')
  }
  const body = await readBody(request)
  if (body === null) throw new Problem('payload-too-large', `At most ${bodyAtMostBytes} bytes are taken.`)
  return readJson(body, bodyAtMostBytes)
}

export function changePhone(phone: Phone, change: z.output<typeof phoneChange>, nowMs: number): void {
  const { online, app, click, clear } = change
  if (Object.keys(change).length !== 1) {
    throw new Problem('invalid-request', 'Give exactly one of online, app, click and clear.')
  }
  if (online === true) goOnline(phone, nowMs)
  else if (online === false) goOffline(phone)
  else if (app !== undefined) phone.alive = app === 'alive'
  else if (!touch(phone, click ?? clear ?? '', click === undefined ? 'cleared' : 'clicked')) {
    throw new Problem('conflict', 'The phone does not show this notification untouched.')
  }
}

export function listPhones(phones: readonly Phone[], query: URLSearchParams): object {
  const limit = Math.min(Number(query.get('limit') ?? 50), listedAtMost)
  const offset = Number(query.get('offset') ?? 0)
  if (!Number.isInteger(limit) || limit < 1 || !Number.isInteger(offset) || offset < 0) {
    throw new Problem('invalid-request', `limit is 1 to ${listedAtMost}, offset 0 or more.`)
  }
  const wanted = (name: string, value: string | boolean): boolean =>
    query.get(name) === null || query.get(name) === String(value)
  const found = phones.filter(
    phone =>
      wanted('app', phone.app) &&
      wanted('group', groupName(phone)) &&
      wanted('mark', phone.mark) &&
      wanted('online', phone.online),
  )
  return { total: found.length, items: found.slice(offset, offset + limit).map(phoneView) }
}
