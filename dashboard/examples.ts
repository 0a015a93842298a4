/** Examples that several operations show, as contract §4 has them. */
const tpnsEffects = [
  { channel: 'tpns', effect: 'removed' },
  { channel: 'xiaomi', effect: 'none' },
]
const counts = { total: 3, accepted: 2, rejected: 1, unknown: 0, pending: 0 }

export const registerExample = {
  id: 'promo-2026-11-23',
  contents: ['article:42'],
  title: '限时优惠',
  body: '今晚八点，全场五折',
  url: 'https://news.example.com/42',
  expiresAt: '2026-11-24T08:00:00+08:00',
  targets: [
    { app: 'news-android', pushId: '43214535', audience: 'all', audienceSize: 1_200_000 },
    { app: 'news-harmony', notifyId: 1_234_567, tokens: ['pushToken1', 'pushToken2', 'pushToken3'] },
  ],
}

export const messageExample = {
  id: registerExample.id,
  title: registerExample.title,
  body: registerExample.body,
  url: registerExample.url,
  contents: registerExample.contents,
  expiresAt: '2026-11-24T00:00:00.000Z',
  registeredBy: 'key:ops',
  createdAt: '2026-11-23T02:00:00.000Z',
  source: 'registered',
  sentAt: null,
  recall: null,
  targets: [
    {
      app: 'news-android',
      provider: 'tpns',
      pushId: '43214535',
      audience: 'all',
      audienceSize: 1_200_000,
      record: {
        status: 'PUSH_FINISHED',
        scheduled: false,
        audience: 'all',
        source: 'api',
        asOf: '2026-11-23T02:05:00.000Z',
      },
    },
    { app: 'news-harmony', provider: 'huawei', notifyId: 1_234_567, devices: null },
  ],
}

export const heldExample = { held: true, holds: [{ recall: 'rcl_0k3v9q2m7x' }] }

export const recallExample = {
  id: 'rcl_0k3v9q2m7x',
  operation: 'revoke',
  state: 'partial',
  reason: 'wrong link',
  ticket: 'INC-7',
  requestedBy: 'key:ops',
  person: 'li.wei',
  origin: 'request',
  verdict: null,
  subject: { target: { app: 'news-harmony', notifyId: 1_234_567 }, title: '限时优惠' },
  overlay: null,
  fallback: true,
  approval: null,
  breakGlass: false,
  reviewedBy: null,
  reviewedAt: null,
  meanwhile: null,
  aheadOf: null,
  outside: 0,
  causedBy: [],
  createdAt: '2026-11-23T02:10:00.000Z',
  settledAt: '2026-11-23T02:10:01.120Z',
  giveUpAt: '2026-11-24T02:10:00.000Z',
  devices: counts,
  etaSeconds: 0,
  blocked: null,
  targets: [
    {
      app: 'news-harmony',
      provider: 'huawei',
      notifyId: 1_234_567,
      message: 'promo-2026-11-23',
      requested: 'revoke',
      operation: 'revoke',
      state: 'partial',
      effects: [{ channel: 'harmony', effect: 'removed' }],
      devices: counts,
      rejected: [{ reason: 'tokenFormatError', count: 1 }],
      vendor: {
        code: '80100020',
        message: 'Check Parameter Partial Success.',
        requestId: '169000000000000000001714',
        status: null,
      },
      warnings: ['Badges keep their number.'],
      notices: [],
    },
  ],
  moreTargets: 0,
  deduplicated: false,
  links: { self: '/v1/recalls/rcl_0k3v9q2m7x' },
}

export const dryRunExample = {
  dryRun: true,
  approvalNeeded: true,
  approval: { needed: 1, above: 10_000, because: 'reach' },
  outside: 0,
  devices: 1_200_003,
  reach: { devices: 1_200_003, basis: 'stated' },
  digest: '5d2c9be1f0a3478894c6d1e7b20f3a65c8d9e0f1a2b3c4d5e6f708192a3b4c5d-1200003',
  check: '4821',
  meanwhile: 'stop',
  targets: [
    {
      app: 'news-android',
      provider: 'tpns',
      pushId: '43214535',
      requested: 'revoke',
      operation: 'revoke',
      ladder: ['revoke', 'stop'],
      effects: tpnsEffects,
      devices: 1_200_000,
      reach: { devices: 1_200_000, basis: 'stated' },
      assumedDevices: null,
      message: 'promo-2026-11-23',
      record: null,
      warnings: ["Revoke removes notifications only on TPNS's own channel."],
      notices: [],
      running: null,
    },
    {
      app: 'news-harmony',
      provider: 'huawei',
      notifyId: 1_234_567,
      requested: 'revoke',
      operation: 'revoke',
      ladder: ['revoke'],
      effects: [{ channel: 'harmony', effect: 'removed' }],
      devices: 3,
      reach: { devices: 3, basis: 'exact' },
      assumedDevices: null,
      message: 'promo-2026-11-23',
      record: null,
      warnings: ['Badges keep their number.'],
      notices: [],
      running: null,
    },
  ],
}

export const problemExample = {
  type: 'https://unpush.dev/problems/invalid-request',
  title: 'The request is not valid',
  status: 400,
  detail: '/target/notifyId must be a whole number from 0 to 2147483647: the notifyId the message was sent with.',
  requestId: 'req_0k3v9q2m7x',
  errors: [
    {
      path: '/target/notifyId',
      message: 'must be a whole number from 0 to 2147483647: the notifyId the message was sent with',
    },
  ],
}
