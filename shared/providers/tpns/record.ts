/**
 * TPNS's own record of a push: https://cloud.tencent.com/document/product/548/39076.
 *
 * Kept are the members that an overlay needs again, and never the text of the push.
 */
import type { VendorRecord } from '../provider.ts'
import { isObject, type JsonObject, memberOf } from '../wire/reply.ts'

export interface TpnsDetail {
  /** `all`, `tag`, `package_account_push`, …; null where the vendor does not say. */
  readonly pushType: string | null
  readonly messageType: string | null
  readonly environment: string | null
  /** 1 … 2^32-1; 0: none. */
  readonly collapseID: number
  /** Digits; null: none. */
  readonly uploadId: string | null
  /** As the vendor wrote it. */
  readonly tagSet: unknown
  /** Seconds of offline delivery. */
  readonly expireTime: number | null
  readonly multiPkg: boolean
  /** How it was sent, as lists say: `api`, `web`; null: the record of one push does not. */
  readonly source: string | null
}

export type TpnsReading = { readonly record: VendorRecord } | { readonly fault: 'absent' | 'garbled' }

/** Everything the vendor has a word for is written so; a status is shown to people. */
const word = /^[A-Za-z_]{1,64}$/
const leadingZeros = /^0+(?=\d)/

/** The record of `pushId` in a reply that carries code 0. */
export function readTpnsRecord(reply: JsonObject, pushId: string): TpnsReading {
  const data = memberOf(reply, 'pushRecordData')
  if (data === undefined || data === null) return { fault: data === null ? 'absent' : 'garbled' }
  const rows = Array.isArray(data) ? data : [data]
  if (rows.length === 0) return { fault: 'absent' }
  const row = rows.filter(isObject).find(candidate => isOf(candidate, pushId, rows.length === 1))
  const status = row === undefined ? undefined : memberOf(row, 'status')
  if (row === undefined || typeof status !== 'string' || !word.test(status)) return { fault: 'garbled' }
  // PUSH_INIT is the first moment of every push, most of which are on their way at once: only PUSH_WAIT can be cancelled.
  return { record: { status, scheduled: status === 'PUSH_WAIT', detail: { ...detailOf(row) } } }
}

/** The id is a number here and text there. Another push's record must never decide an audience. */
function isOf(row: JsonObject, pushId: string, only: boolean): boolean {
  const id = memberOf(row, 'pushId')
  if (id === undefined) return only
  return digitsOf(id)?.replace(leadingZeros, '') === pushId.replace(leadingZeros, '')
}

/** The members again, from a record that has been in the ledger. */
export function readTpnsDetail({ detail }: VendorRecord): TpnsDetail {
  return detailOf(detail)
}

export function detailOf(row: JsonObject): TpnsDetail {
  const collapseID = Number(digitsOf(memberOf(row, 'collapseID')) ?? 0)
  const uploadId = digitsOf(memberOf(row, 'uploadId'))
  const expireTime = memberOf(row, 'expireTime')
  return {
    pushType: wordOf(memberOf(row, 'pushType')),
    messageType: wordOf(memberOf(row, 'messageType')),
    environment: wordOf(memberOf(row, 'environment')),
    collapseID: collapseID <= 0xffff_ffff ? collapseID : 0,
    uploadId: uploadId === null || /^0*$/.test(uploadId) ? null : uploadId,
    tagSet: memberOf(row, 'tagSet') ?? null,
    expireTime: typeof expireTime === 'number' && Number.isSafeInteger(expireTime) ? expireTime : null,
    multiPkg: memberOf(row, 'multiPkg') === true,
    source: wordOf(memberOf(row, 'source')),
  }
}

export function wordOf(value: unknown): string | null {
  return typeof value === 'string' && word.test(value) ? value : null
}

export function digitsOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^\d{1,20}$/.test(text) ? text : null
}
