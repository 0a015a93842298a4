/** What Push Kit says it can take back, and what its documents say of it before anything is sent. */
import { checkHuaweiContent, maxBodyBytes } from './overlay.ts'
import type { HuaweiCredentials } from './credentials.ts'
import type { Assessment, CapabilityTable, TargetFacts } from '../provider.ts'
import type { Operation } from '../../operation.ts'

const revokeGuide = 'https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-revoke-alert'
const revokeReference = 'https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-msg-revoke'
const sendReference =
  'https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-scenariozed-api-request-param'
const rateReference = 'https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-msg-freq-control'
const asOf = '2026-11-23'

const devices = 'Phone, Tablet and PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19).'

/** Devices a second for an app without a rate of its own; the console shows each app's. */
export const defaultTokensPerSecond = 6000
export const maxTokensPerRequest = 1000

export const huaweiCapabilities = {
  operations: {
    revoke: {
      addressing: [{ by: 'tokens', most: maxTokensPerRequest }],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [{ channel: 'harmony', effect: 'removed', note: devices, source: revokeGuide, asOf }],
    },
    // The same notifyId again replaces what the first one showed, so a repeat shows nothing twice.
    overlay: {
      addressing: [{ by: 'tokens', most: maxTokensPerRequest }],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [{ channel: 'harmony', effect: 'replaced', note: devices, source: sendReference, asOf }],
    },
  },
  limits: [
    {
      name: 'Tokens in a request',
      value: maxTokensPerRequest,
      unit: 'tokens',
      inferred: false,
      source: revokeReference,
      asOf,
    },
    {
      name: 'Size of a request without its tokens',
      value: maxBodyBytes,
      unit: 'bytes',
      inferred: false,
      source: revokeReference,
      asOf,
    },
    // The page names no number, and does not say that recalls count too.
    { name: 'Devices', value: defaultTokensPerSecond, unit: 'per second', inferred: true, source: rateReference, asOf },
  ],
  identicalOverlayWindowMs: null,
} as const satisfies CapabilityTable

const reach = `Push Kit reaches ${devices}`
const warningsOf: { readonly [O in 'revoke' | 'overlay']: readonly string[] } = {
  revoke: [
    'Only notifications that are not delivered yet, or shown and not clicked, are removed.',
    'Badges keep their number.',
    reach,
  ],
  overlay: [
    'The new message also appears on devices where the old one was clicked or cleared already.',
    'Badges keep their number unless options.huawei.notification.badge says otherwise.',
    reach,
  ],
}
const linkWarning = 'On HarmonyOS the link opens the page of the app that declares it as its uri, and no browser.'

export function assessHuawei(operation: Operation, facts: TargetFacts<HuaweiCredentials>): Assessment {
  const nothing = { invalid: [], effects: [], toEverybody: false, warnings: [] }
  if (operation === 'stop') {
    return { ...nothing, refusal: 'Push Kit offers no stop; its revoke also ends what is not delivered yet.' }
  }
  const { credentials, names, overlay } = facts
  const content = operation === 'overlay' ? overlay : null
  return {
    refusal: null,
    invalid: content === null ? [] : checkHuaweiContent(credentials, String(names['notifyId']), content),
    effects: huaweiCapabilities.operations[operation].channels.map(({ channel, effect }) => ({ channel, effect })),
    toEverybody: false,
    warnings: [...warningsOf[operation], ...((content?.url ?? null) === null ? [] : [linkWarning])],
  }
}
