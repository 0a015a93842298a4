/** A Getui app with secrets of its own, and what the tests ask of it. */
import { randomBytes } from 'node:crypto'
import type { NotReceived, Received } from '../../../shared/http.ts'
import { getui, type GetuiCredentials } from '../../../shared/providers/getui/index.ts'
import type { Call, Named, Names, OverlayContent, VendorRecord } from '../../../shared/providers/provider.ts'
import { fakeSend, received } from '../fake-send.ts'
import { callOf, openCredentials, perform, type Step } from '../subject.ts'

export const appId = 'appidAPPID000000000000'
const secret = () => randomBytes(11).toString('hex')
export const [appKey, masterSecret] = [secret(), secret()]
export const document = { provider: 'getui', appId, appKey, masterSecret }
export const credentials: GetuiCredentials = openCredentials(getui, document)
export const session = { value: randomBytes(32).toString('hex'), freshUntilMs: 1_795_000_600_000 }
export const taskId = 'RASL_0109_3ed7bcb9904a2d8208261d0c78a1e999'
export const names: Names = { taskId, notifyId: 48_213_907, apnsCollapseId: 'promo' }
export const cid = '0123456789abcdef0123456789abcdef'
/** 2026-11-18T11:06:40Z. */
export const at = 1_795_000_000_000

export const content: OverlayContent = {
  title: 'Withdrawn',
  body: 'See the app for the latest.',
  url: null,
  forceCollapse: false,
  options: {},
}

export const reply = (code: number, msg = 'success', data?: unknown): string =>
  JSON.stringify({ code, msg, ...(data !== undefined && { data }) })
export const recordText = (result = 'do_not_send', member = 'send_result'): string =>
  reply(0, 'success', {
    [taskId]: { create_time: '1795000000000', [member]: result, transmission_content: '', push_time: '1795003600000' },
  })
export const sent = reply(0, 'success', { RASS_1118_aa: { [cid]: 'successed_online' } })

export function batch(cids: readonly string[] = [cid]): Named {
  return { by: 'tokens', json: Buffer.from(JSON.stringify(cids)), count: cids.length }
}

export interface AskedOf {
  readonly reply?: Received | NotReceived
  readonly named?: Named
  readonly names?: Names
  readonly content?: OverlayContent
  readonly record?: VendorRecord | null
  readonly call?: Partial<Call<GetuiCredentials>>
}

export async function ask(step: Step, asked: AskedOf = {}) {
  const { send, sent: sendings } = fakeSend(asked.reply ?? received(reply(0)))
  const named: Named = asked.named ?? (step === 'stop' || step === 'status' ? { by: 'task' } : batch())
  const request = { names: asked.names ?? names, named, record: asked.record ?? null }
  const call = callOf(credentials, send, { now: () => at, session, ...asked.call })
  const { outcome, record } = await perform(getui, step, request, asked.content ?? content, call)
  const [sending] = sendings
  const text = String(sending?.body ?? '')
  return { outcome, record, sent: sendings, sending, json: text === '' ? null : JSON.parse(text) }
}
