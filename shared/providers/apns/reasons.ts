/**
 * Reasons of APNs' refusals → outcomes: the one table.
 *
 * https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
 */
export interface ApnsReason {
  readonly kind: /** Of this device alone. */
    | 'rejected'
    | 'throttled_token'
    /** Of all: the app's key or what it may push to. */
    | 'auth'
    | 'refused'
    | 'throttled'
    | 'unknown'
  readonly means: string
}

const ourOwn = (means: string): ApnsReason => ({ kind: 'refused', means })
const credential = (means: string): ApnsReason => ({ kind: 'auth', means })

export const apnsReasons: { readonly [reason: string]: ApnsReason } = {
  BadDeviceToken: { kind: 'rejected', means: 'the token is none, or of the other environment' },
  DeviceTokenNotForTopic: { kind: 'rejected', means: 'the token is of another app' },
  ExpiredToken: { kind: 'rejected', means: 'the token has expired' },
  Unregistered: { kind: 'rejected', means: 'the app is gone from the device' },
  TooManyRequests: { kind: 'throttled_token', means: 'too many pushes to one device' },
  // what the key may push to is the app's setup: no token is worse for it, and it may be mended
  BadTopic: credential('the topic is not valid'),
  MissingTopic: credential('the topic is missing'),
  TopicDisallowed: credential('the app may not push to this topic'),
  BadCertificate: credential('the certificate is not valid'),
  BadCertificateEnvironment: credential('the certificate is of the other environment'),
  ExpiredProviderToken: credential('the provider token is older than an hour'),
  Forbidden: credential('the action is not allowed'),
  InvalidProviderToken: credential('the provider token is not valid'),
  MissingProviderToken: credential('the provider token is missing'),
  UnrelatedKeyIdInToken: credential('the key is not for this topic'),
  BadEnvironmentKeyIdInToken: credential('the key is of the other environment'),
  // as the live service spells it
  BadEnvironmentKeyInToken: credential('the key is of the other environment'),
  BadCollapseId: ourOwn('the collapse id is too long'),
  BadExpirationDate: ourOwn('the expiration date is not valid'),
  BadMessageId: ourOwn('the apns-id is not valid'),
  BadPath: ourOwn('the path is not valid'),
  BadPriority: ourOwn('the priority is not valid'),
  DuplicateHeaders: ourOwn('a header was sent twice'),
  InvalidPushType: ourOwn('the push type is not valid'),
  MethodNotAllowed: ourOwn('the method is not POST'),
  MissingDeviceToken: ourOwn('the path names no token'),
  PayloadEmpty: ourOwn('the payload is empty'),
  PayloadTooLarge: ourOwn('the payload is too large'),
  TooManyProviderTokenUpdates: { kind: 'throttled', means: 'the provider token is renewed too often' },
  ServiceUnavailable: { kind: 'throttled', means: 'the service is not available' },
  Shutdown: { kind: 'throttled', means: 'this server is shutting down' },
  IdleTimeout: { kind: 'unknown', means: 'the connection had been idle' },
  InternalServerError: { kind: 'unknown', means: 'APNs failed inside' },
}

/** "The provider token is being updated too often": once in 20 minutes is allowed. */
export const leastMintMs = 1_200_000
