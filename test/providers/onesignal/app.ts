/** A OneSignal app with a key of its own, and what the tests ask of it. */
import { randomBytes } from 'node:crypto'
import type { NotReceived, Received } from '../../../shared/http.ts'
import { onesignal, type OneSignalCredentials } from '../../../shared/providers/onesignal/index.ts'
import type { Call, Named, Names, OverlayContent, VendorRecord } from '../../../shared/providers/provider.ts'
import { fakeSend, received } from '../fake-send.ts'
import { callOf, openCredentials, perform, type Step } from '../subject.ts'

export const appId = '0b6a0a52-3f0e-4a7b-9d2e-6f2b1c0d9e8a'
export const apiKey = `os_v2_app_${randomBytes(24).toString('hex')}`
export const document = { provider: 'onesignal', appId, apiKey }
export const credentials: OneSignalCredentials = openCredentials(onesignal, document)
export const messageId = '1e2f3a4b-5c6d-4e7f-8091-a2b3c4d5e6f7'
export const names: Names = { messageId, collapseId: 'rc-8f2c' }
export const subscriptions = ['f0a1b2c3-0001-4a7b-9d2e-6f2b1c0d9e8a', 'f0a1b2c3-0002-4a7b-9d2e-6f2b1c0d9e8a']
/** 2026-11-18T11:06:40Z. */
export const at = 1_795_000_000_000

export const content: OverlayContent = {
  title: 'Withdrawn',
  body: 'See the app for the latest.',
  url: null,
  forceCollapse: false,
  options: {},
}

export const created = '{"id":"c3f1a2b3-5c6d-4e7f-8091-a2b3c4d5e6f7","external_id":null}'

/** As the documents show it; `change` over it. */
export function recordText(change: object = {}): string {
  return JSON.stringify({
    id: messageId,
    canceled: true,
    remaining: 0,
    successful: 1200,
    failed: 3,
    errored: 0,
    converted: 0,
    received: null,
    queued_at: 1_794_996_000,
    send_after: 1_794_996_000,
    completed_at: 1_794_996_100,
    platform_delivery_stats: {},
    headings: { en: 'a title' },
    ...change,
  })
}

export function batch(tokens: readonly string[] = subscriptions): Named {
  return { by: 'tokens', json: Buffer.from(JSON.stringify(tokens)), count: tokens.length }
}

export interface AskedOf {
  readonly reply?: Received | NotReceived
  readonly named?: Named
  readonly names?: Names
  readonly content?: OverlayContent
  readonly record?: VendorRecord | null
  readonly call?: Partial<Call<OneSignalCredentials>>
  readonly credentials?: OneSignalCredentials
}

export async function ask(step: Step, asked: AskedOf = {}) {
  const { send, sent } = fakeSend(asked.reply ?? received('{"success":true}'))
  const named: Named = asked.named ?? (step === 'overlay' ? batch() : { by: 'task' })
  const request = { names: asked.names ?? names, named, record: asked.record ?? null }
  const call = callOf(asked.credentials ?? credentials, send, { now: () => at, ...asked.call })
  const { outcome, record } = await perform(onesignal, step, request, asked.content ?? content, call)
  const body = sent[0]?.body ?? ''
  const text = typeof body === 'string' ? body : Buffer.concat(body).toString()
  return { outcome, record, sent, sending: sent[0], text, json: text === '' ? null : JSON.parse(text) }
}
