/** No key of the issuer was ever fetched, and none can be had now. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}
