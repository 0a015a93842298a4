/** Replies that a hostile, broken or merely unlucky vendor may give: generated, and one for every code point. */
import fc from 'fast-check'
import { huaweiCodes } from '../../shared/providers/huawei/codes.ts'
import { tpnsCodes } from '../../shared/providers/tpns/replies.ts'

export interface OddReply {
  readonly status: number
  readonly text: string
}

const half = fc.constantFrom('\ud83d', '\ude00', '\0', '\ud800', '\udfff', '\uffff', '\u202e')
const words = fc.constantFrom(
  '错',
  '😀',
  'x',
  '"',
  '\\',
  '\n',
  'pushToken',
  'tokenFormatError',
  '{"illegalTokens":',
  ' ',
)
/** Whatever stands where it may be cut. */
const oddText = fc
  .tuple(
    fc.integer({ min: 0, max: 505 }),
    fc.array(fc.oneof(half, words, fc.string({ unit: 'binary' })), { maxLength: 8 }),
  )
  .map(([length, parts]) => `${'错'.repeat(length)}${parts.join('')}`)

const deep = fc.constantFrom(10, 3000, 50_000).map(depth => `${'['.repeat(depth)}${']'.repeat(depth)}`)
const number = fc.constantFrom('0', '-1', '1e400', '99999999999999999999999', '0.5', '2147483648')
/** JSON text: of anything odd. */
const value: fc.Arbitrary<string> = fc.oneof(
  oddText.map(text => JSON.stringify(text)),
  fc.json({ maxDepth: 3, stringUnit: 'binary' }),
  deep,
  number,
  fc.constantFrom('null', 'true', '{}', '[]'),
)
const tokens = fc.array(value, { maxLength: 4 }).map(items => `[${items.join(',')}]`)
const listed = fc
  .array(fc.tuple(oddText, tokens), { maxLength: 5 })
  .map(
    reasons => `{"illegalTokens":{${reasons.map(([reason, list]) => `${JSON.stringify(reason)}:${list}`).join(',')}}}`,
  )
const manyReasons = fc
  .integer({ min: 51, max: 3000 })
  .map(
    count =>
      `{"illegalTokens":{${Array.from({ length: count }, (_, index) => `"r${index}":["t${index}"]`).join(',')}}}`,
  )
const msg = fc.oneof(
  value,
  oddText.map(text => JSON.stringify(text)),
  listed,
  fc.oneof(listed, manyReasons, deep).map(json => JSON.stringify(json)),
)

const huaweiCode = fc.constantFrom('80000000', '80100000', '80100001', '80300007', ...Object.keys(huaweiCodes), '12345')
const pushKit = fc
  .record({ code: huaweiCode, msg, requestId: value })
  .map(({ code, msg, requestId }) => `{"code":"${code}","msg":${msg},"requestId":${requestId}}`)

const tagSet = fc.oneof(
  value,
  fc
    .array(oddText, { minLength: 1, maxLength: 3 })
    .map(tags =>
      JSON.stringify({ op: 'OR', tagWithType: tags.map(tag => ({ tagTypeName: 'xg_user_define', tagValue: tag })) }),
    ),
)
const record = fc
  .record({
    status: fc.oneof(fc.constantFrom('PUSH_FINISHED', 'PUSH_WAIT', 'PUSH_REVOKED', 'PUSH_COLLAPSED'), oddText),
    pushType: fc.constantFrom('all', 'tag', 'package_account_push'),
    tagSet,
    uploadId: value,
    collapseID: fc.oneof(number, fc.constant('7')),
    expireTime: value,
  })
  .map(
    ({ status, pushType, tagSet, uploadId, collapseID, expireTime }) =>
      `{"status":${JSON.stringify(status)},"pushType":"${pushType}","messageType":"notify","tagSet":${tagSet},` +
      `"uploadId":${uploadId},"collapseID":${collapseID},"expireTime":${expireTime}}`,
  )
const tpnsCode = fc.constantFrom('0', '0', '0', ...Object.keys(tpnsCodes), '424242')
const tpns = fc
  .record({ code: tpnsCode, errMsg: msg, pushId: value, records: fc.array(record, { maxLength: 2 }) })
  .map(
    ({ code, errMsg, pushId, records }) =>
      `{"retCode":${code},"errMsg":${errMsg},"push_id":${pushId},"pushRecordData":[${records.join(',')}]}`,
  )

const statuses = fc.constantFrom(200, 200, 200, 200, 400, 401, 429, 500, 503)
/** One that is not even JSON now and then. */
export const oddReply = (vendor: 'tpns' | 'huawei'): fc.Arbitrary<OddReply> =>
  fc.record({
    status: statuses,
    text: fc.oneof({ weight: 9, arbitrary: vendor === 'tpns' ? tpns : pushKit }, { weight: 1, arbitrary: oddText }),
  })

/** Where a message is cut, and so much of it that one reply carries hundreds of code points. */
const perReply = 240

/** Replies whose messages hold together every code point, halves of pairs included; `share` of them, evenly. */
export function* codePointReplies(share: number): Generator<{ readonly text: string }> {
  let taken = 0
  for (let first = 0; first <= 0x10ffff; first += perReply) {
    taken += share
    // what PostgreSQL refuses is among those that are always tried
    const always = first < 0x200 || (first + perReply > 0xd800 && first <= 0xdfff)
    if (taken < 1 && !always) continue
    if (taken >= 1) taken -= 1
    let text = ''
    for (let code = first; code < first + perReply && code <= 0x10ffff; code++) text += String.fromCodePoint(code)
    yield { text }
  }
}
