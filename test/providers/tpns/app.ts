/** A TPNS app, records of its pushes, and what the tests ask of it. */
import { tpns, type TpnsCredentials } from '../../../shared/providers/tpns/index.ts'
import type { OverlayContent, TargetFacts, VendorRecord, VendorRequest } from '../../../shared/providers/provider.ts'
import { callOf, openCredentials, perform, type Step } from '../subject.ts'
import { fakeSend, received } from '../fake-send.ts'

export const secretKey = '1452fcebae9f3115ba794fb0fff2fd73'
export const document = {
  provider: 'tpns',
  accessId: '1500001048',
  secretKey,
  region: 'guangzhou',
  platform: 'android',
}
export const android = openCredentials(tpns, document)
export const ios = openCredentials(tpns, { ...document, platform: 'ios' })

/** The documents' own overlay example. */
export const example: OverlayContent = {
  title: '覆盖00001条消息',
  body: '今天天气不错哦',
  url: null,
  forceCollapse: false,
  options: {},
}

export function recordOf(detail: object, status = 'PUSH_FINISHED'): VendorRecord {
  return {
    status,
    scheduled: status === 'PUSH_WAIT',
    detail: { pushType: 'all', messageType: 'notify', environment: 'product', collapseID: 1, ...detail },
  }
}
export const record = recordOf({})

export function targetOf(pushId: string, known: VendorRecord | null = null): VendorRequest {
  return { names: { pushId }, named: { by: 'task' }, record: known }
}

export async function ask(
  step: Step,
  request: VendorRequest,
  { credentials = android, content = example, text = '{"ret_code":0}' } = {},
) {
  const { send, sent } = fakeSend(received(text))
  const now = () => 1_565_314_789_000
  const call = callOf(credentials, send, { now })
  return { ...(await perform(tpns, step, request, content, call)), sent, sending: sent[0] }
}

export function facts(given: Partial<TargetFacts<TpnsCredentials>>): TargetFacts<TpnsCredentials> {
  return { credentials: android, names: { pushId: '1' }, audience: 'all', record: null, overlay: null, ...given }
}
