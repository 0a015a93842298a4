/**
 * Huawei Push Kit's response codes → outcomes: the one table, for messages:revoke and messages:send.
 *
 * https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-msg-revoke and
 * …/push-scenariozed-api-response; rows of the older HMS tables are there because the gateway is the same.
 */
export interface HuaweiCode {
  readonly kind:
    | 'accepted'
    /** Some tokens failed; `msg` says which. */
    | 'partial'
    /** Every token failed. */
    | 'all_rejected'
    | 'auth'
    | 'refused'
    | 'throttled'
    | 'unknown'
    | 'unsupported'
  readonly means: string
}

export const huaweiCodes: { readonly [code: string]: HuaweiCode } = {
  '80000000': { kind: 'accepted', means: 'success' },
  // The catch-all of messages:revoke; that of messages:send is 81000001.
  '80000001': { kind: 'unknown', means: 'an internal service of Push Kit failed' },
  '80100000': { kind: 'partial', means: 'some tokens failed' },
  '80100001': { kind: 'refused', means: 'a parameter is not valid' },
  '80100002': { kind: 'refused', means: 'a system message takes one token' },
  '80100003': { kind: 'refused', means: 'the structure of the message is not valid' },
  '80100004': { kind: 'refused', means: 'the expiry time is not valid' },
  '80100013': { kind: 'refused', means: 'the collapse key is not valid' },
  '80100016': { kind: 'refused', means: 'the text holds words that are not allowed' },
  '80100017': { kind: 'throttled', means: 'too many topic tasks at once' },
  '80100018': { kind: 'refused', means: 'the signature of the review is wrong' },
  // What messages:revoke answers where messages:send has 80100000.
  '80100020': { kind: 'partial', means: 'some tokens failed' },
  '80100022': { kind: 'refused', means: 'the image has not passed the risk check' },
  '80200001': { kind: 'auth', means: 'authentication failed' },
  '80200003': { kind: 'auth', means: 'the access token has expired' },
  '80200005': { kind: 'auth', means: 'the JWT has expired' },
  '80300002': { kind: 'refused', means: 'Push Kit is off for the app, or clientId is not the one of the application' },
  '80300007': { kind: 'all_rejected', means: 'no token is valid' },
  '80300008': { kind: 'refused', means: 'the message is too long' },
  '80300010': { kind: 'refused', means: 'no token, or too many' },
  '80300011': { kind: 'refused', means: 'the app may not send high-level notifications' },
  '80300013': { kind: 'refused', means: 'the receipt address is wrong' },
  '80300017': { kind: 'refused', means: 'the tokens are of several apps' },
  '80300028': { kind: 'refused', means: 'a token is of another app than clientId' },
  '80300029': { kind: 'throttled', means: 'too many test messages' },
  '80300030': { kind: 'refused', means: 'a test message has too many tokens' },
  // Not asked for wrongly, but not granted: showing something else instead may be.
  '80300032': { kind: 'unsupported', means: 'the app may not revoke messages' },
  '80300036': { kind: 'refused', means: 'the JWT lives longer than a day' },
  '80300037': { kind: 'refused', means: 'the app is penalised and may not send' },
  '80600003': { kind: 'unknown', means: 'the OAuth service failed' },
  '81000001': { kind: 'unknown', means: 'Push Kit failed inside' },
}
