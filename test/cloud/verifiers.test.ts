/** The stand-ins' verifiers, held to the examples in the clouds' own documents, and to requests that were tampered with. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { refuseSigV4 } from '../support/cloud/sigv4.ts'
import type { Arrived, Keyring } from '../support/cloud/stand-in.ts'
import { refuseTc3 } from '../support/cloud/tc3.ts'

afterEach(() => {
  vi.useRealTimers()
})

const at = (time: string) => vi.useFakeTimers({ now: new Date(time), toFake: ['Date'] })

/** https://cloud.tencent.com/document/api/213/30654: the key is printed as 32 asterisks, and signed with as that. */
const tencent = {
  time: '2019-02-25T16:44:25Z',
  keyring: { [`AKID${'*'.repeat(32)}`]: { key: '*'.repeat(32) } },
  arrived: {
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      host: 'cvm.tencentcloudapi.com',
      'x-tc-action': 'DescribeInstances',
      'x-tc-timestamp': '1551113065',
      authorization: `TC3-HMAC-SHA256 Credential=AKID${'*'.repeat(32)}/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f`,
    },
    body: Buffer.from('{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'),
  },
}

/** `post-vanilla` of AWS's test suite for Signature Version 4. */
const aws = {
  time: '2015-08-30T12:36:00Z',
  keyring: { AKIDEXAMPLE: { key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
  arrived: {
    method: 'POST',
    url: '/',
    headers: {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    },
    body: Buffer.alloc(0),
  },
}

describe.each([
  ['TC3', tencent, (arrived: Arrived, keyring: Keyring) => refuseTc3(arrived, 'cvm', keyring)?.message],
  [
    'SigV4',
    aws,
    (arrived: Arrived, keyring: Keyring) => refuseSigV4(arrived, 'service', 'us-east-1', keyring)?.message,
  ],
])('%s', (_name, { time, keyring, arrived }, refuse) => {
  it('takes the example of the document', () => {
    at(time)
    expect(refuse(arrived, keyring)).toBeUndefined()
  })

  const header = (name: string, value: string): Arrived => ({
    ...arrived,
    headers: { ...arrived.headers, [name]: value },
  })
  const spoiled: [string, Arrived, Keyring?, string?][] = [
    ['another body', { ...arrived, body: Buffer.from('{}') }],
    ['another path', { ...arrived, url: '/x' }],
    ['a query', { ...arrived, url: '/?a=b' }],
    ['another method', { ...arrived, method: 'GET' }],
    ['another host', header('host', 'elsewhere.example')],
    ['no signature', header('authorization', '')],
    ['half a signature', header('authorization', arrived.headers.authorization.slice(0, -32))],
    ['another key', arrived, Object.fromEntries(Object.keys(keyring).map(id => [id, { key: 'x' }]))],
    ['an unknown key', arrived, {}],
    [
      'no session token',
      arrived,
      Object.fromEntries(Object.entries(keyring).map(([id, { key }]) => [id, { key, token: 't' }])),
    ],
    ['an old one', arrived, keyring, new Date(Date.parse(time) + 400_000).toISOString()],
    ['one of the future', arrived, keyring, new Date(Date.parse(time) - 400_000).toISOString()],
  ]
  it.each(spoiled)('refuses %s', (_what, sent, known = keyring, now = time) => {
    at(now)
    expect(refuse(sent, known)).toEqual(expect.any(String))
  })
})

it('SigV4 refuses an x-amz header that is not signed', () => {
  at(aws.time)
  const sent = { ...aws.arrived, headers: { ...aws.arrived.headers, 'x-amz-target': 'a' } }
  expect(refuseSigV4(sent, 'service', 'us-east-1', aws.keyring)?.message).toBe('Not signed: x-amz-target.')
})

it('TC3 refuses a date that is not the timestamp’s', () => {
  at('2019-02-25T23:59:59.500Z')
  const sent = { ...tencent.arrived, headers: { ...tencent.arrived.headers, 'x-tc-timestamp': '1551139200' } }
  expect(refuseTc3(sent, 'cvm', tencent.keyring)?.message).toContain('is not that of the timestamp')
})
