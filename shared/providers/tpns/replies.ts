/**
 * TPNS return codes → outcomes: the one table. Rows of
 * https://cloud.tencent.com/document/product/548/39080, and of 548/36669 where noted.
 */
import type { NotReceived, Received } from '../../http.ts'
import type { Notice } from '../../sentences.ts'
import { type Hidden, masked, nameOrNull } from '../wire/masking.ts'
import type { Outcome, VendorReply } from '../provider.ts'
import type { Operation } from '../../operation.ts'
import {
  codeOf,
  httpStatusOf,
  isTelling,
  type JsonObject,
  memberOf,
  outcomeByStatus,
  textOf,
  throttled,
} from '../wire/reply.ts'

interface Row {
  readonly kind: 'accepted' | 'auth' | 'not_found' | 'refused' | 'throttled' | 'unknown' | 'unsupported'
  readonly means: string
  readonly because?: Notice
}

export const tpnsCodes: { readonly [code: string]: Row } = {
  '0': { kind: 'accepted', means: 'success' },
  '1008001': { kind: 'refused', means: 'the parameters cannot be parsed' },
  '1008002': { kind: 'refused', means: 'a parameter is missing' },
  '1008003': { kind: 'auth', means: 'authentication failed' },
  '1008004': { kind: 'unknown', means: 'an internal service of TPNS failed' },
  '1008006': { kind: 'refused', means: 'a device token is not valid' },
  '1008007': { kind: 'refused', means: 'a parameter is not valid' },
  '1008011': { kind: 'refused', means: 'the upload failed' },
  '1008012': { kind: 'refused', means: 'the upload is empty' },
  '1008013': { kind: 'refused', means: 'the certificate cannot be read' },
  '1008015': { kind: 'not_found', means: 'there is no such push' },
  '1008016': { kind: 'refused', means: 'a date is not valid' },
  '1008019': { kind: 'refused', means: 'the content safety check refused the text' },
  '1008020': { kind: 'refused', means: 'the certificate is of another bundle id' },
  '1008021': { kind: 'refused', means: 'the certificate is no p12 file' },
  '1008022': { kind: 'refused', means: 'the password of the certificate is wrong' },
  '1008023': { kind: 'refused', means: 'the APNs certificate has expired' },
  '1008025': { kind: 'refused', means: 'the app exists already' },
  '1008026': { kind: 'refused', means: 'part of a batch failed' },
  '1008027': { kind: 'refused', means: 'all of a batch failed' },
  '1008028': { kind: 'throttled', means: 'too many requests' },
  '1008029': { kind: 'refused', means: 'the check of a token failed' },
  '1008030': { kind: 'refused', means: 'the app is not paid for' },
  '1008031': { kind: 'refused', means: 'the resources of the app are destroyed' },
  '1008035': { kind: 'auth', means: 'the AccessId is wrong, or the app lives at another region' },
  // 548/36669
  '1010001': { kind: 'refused', means: 'the app has no push resources' },
  // Documented for a push: what its audience named is gone. "internal error" is only its English text.
  '10010005': { kind: 'refused', means: 'the target of the push does not exist' },
  '10010012': { kind: 'refused', means: 'the push time is not valid' },
  // Stopping is still possible where an identical push to everybody is not.
  '10010018': {
    kind: 'unsupported',
    means: 'an identical push went to everybody within the hour',
    because: { code: 'identical_overlay', params: { windowSeconds: 3600, certain: true } },
  },
  // 548/36669
  '10030002': { kind: 'auth', means: 'AccessId and key do not belong together' },
  '10110008': { kind: 'refused', means: 'the token or account is not registered' },
}

/**
 * A reply to one request. Both envelope dialects are read wherever they turn up, since the three control requests'
 * answers are not documented. Without a code nothing is a success.
 */
export function tpnsOutcome(
  step: Operation | 'status',
  received: Received | NotReceived,
  reply: JsonObject,
  hidden: Hidden,
  nowMs: number,
): Outcome {
  const vendor: VendorReply = {
    code: codeOf(memberOf(reply, 'retCode')),
    message: masked(textOf(memberOf(reply, 'errMsg')), hidden),
    requestId: requestIdOf(reply, hidden),
    httpStatus: httpStatusOf(received),
  }
  const outcome = judge(step, received, vendor, nowMs)
  // Contract §4.2. Its page says the feature is gone and not what the endpoint answers since: any other no means that.
  return step === 'revoke' && outcome.kind === 'refused' ? { kind: 'unsupported', vendor } : outcome
}

function judge(
  step: Operation | 'status',
  received: Received | NotReceived,
  vendor: VendorReply,
  nowMs: number,
): Outcome {
  if ('failure' in received || vendor.code === null) return outcomeByStatus(received, vendor, nowMs)
  const row = Object.hasOwn(tpnsCodes, vendor.code) ? tpnsCodes[vendor.code] : undefined
  if (row === undefined) {
    if (isTelling(received.status)) return outcomeByStatus(received, vendor, nowMs)
    return { kind: 'refused', reason: `code ${vendor.code} is not in the documents`, vendor }
  }
  switch (row.kind) {
    case 'accepted':
      if (received.status >= 200 && received.status < 300) return { kind: 'accepted', vendor }
      return { kind: 'unknown', reason: `code ${vendor.code} with HTTP ${received.status}`, vendor }
    case 'refused':
    case 'unknown':
      return { kind: row.kind, reason: row.means, vendor }
    case 'throttled':
      // Statistics are counted by the hour, pushes by the second.
      return throttled(received, vendor, nowMs, step === 'status')
    case 'auth':
    case 'not_found':
      return { kind: row.kind, vendor }
    case 'unsupported':
      return { kind: row.kind, vendor, ...(row.because === undefined ? {} : { because: row.because }) }
  }
}

/** The id of the push just made, which is also what names it in the vendor's console. */
function requestIdOf(reply: JsonObject, hidden: Hidden): string | null {
  const id = memberOf(reply, 'pushId')
  return nameOrNull(typeof id === 'number' ? String(id) : textOf(id), hidden)
}
