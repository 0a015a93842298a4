/** Whom a TPNS push goes to: https://cloud.tencent.com/document/product/548/39064, `audience_type`. */
import type { Phone } from '../../phone.ts'
import { isTexts, isWhole, type JsonObject } from '../judgement.ts'
import { accountOf, tpnsTokenOf } from './phones.ts'
import { Refusal } from './refusal.ts'
import { readTags, type TagRule, tagsMatch } from './tags.ts'

export const audienceTypes = [
  'all',
  'tag',
  'token',
  'token_list',
  'account',
  'account_list',
  'package_account_push',
  'package_token_push',
] as const
export type AudienceType = (typeof audienceTypes)[number]

export interface Audience {
  readonly type: AudienceType
  readonly rules: readonly TagRule[]
  /** Of a number package; 0: none. */
  readonly uploadId: number
  /** Tokens or accounts, by name. */
  readonly names: readonly string[]
}

/** Pushes that can be taken back, and that share one push a second. */
export function isWide({ type }: Pick<Audience, 'type'>): boolean {
  return type === 'all' || type === 'tag' || type === 'package_account_push' || type === 'package_token_push'
}

/** Stop, revoke and overlay are for "all devices", tags and the uploaded batch of accounts (50784). */
export function canBeTakenBack({ type }: Pick<Audience, 'type'>): boolean {
  return isWide({ type }) && type !== 'package_token_push'
}

/** The phones of package n: every fourth, each package others than the next. */
const packageEach = 4

export function reaches(audience: Audience, phone: Phone, index: number): boolean {
  switch (audience.type) {
    case 'all':
      return true
    case 'tag':
      return tagsMatch(audience.rules, phone)
    case 'token':
    case 'token_list':
      return audience.names.includes(tpnsTokenOf(phone))
    case 'account':
    case 'account_list':
      return audience.names.includes(accountOf(phone))
    case 'package_account_push':
    case 'package_token_push':
      return index % packageEach === audience.uploadId % packageEach
    default:
      return audience.type satisfies never
  }
}

export function audienceOf(type: AudienceType, rest: Partial<Omit<Audience, 'type'>> = {}): Audience {
  return { type, rules: [], uploadId: 0, names: [], ...rest }
}

/** The audience that a push request names. Throws Refusal. */
export function readAudience(request: JsonObject, isKnownUpload: (id: number) => boolean): Audience {
  const type = audienceTypes.find(known => known === request['audience_type'])
  if (request['audience_type'] === undefined) throw new Refusal(1_008_002)
  if (type === undefined) throw new Refusal(1_008_007)
  switch (type) {
    case 'all':
      return audienceOf(type)
    case 'tag':
      return audienceOf(type, { rules: readTags(request) })
    case 'token':
    case 'token_list':
      return audienceOf(type, { names: readNames(request['token_list'], type === 'token', 36) })
    case 'account':
    case 'account_list':
      return audienceOf(type, { names: readNames(request['account_list'], type === 'account', 100) })
    case 'package_account_push':
    case 'package_token_push': {
      const uploadId = request['upload_id'] ?? 0
      if (uploadId === 0) throw new Refusal(1_008_002)
      if (!isWhole(uploadId, 1, Number.MAX_SAFE_INTEGER)) throw new Refusal(1_008_007)
      if (!isKnownUpload(uploadId)) throw new Refusal(10_010_005)
      return audienceOf(type, { uploadId })
    }
    default:
      return type satisfies never
  }
}

const namesAtMost = 1000

/** "Only the first element is used" where the audience is a single one. */
function readNames(list: unknown, single: boolean, longest: number): readonly string[] {
  if (list === undefined) throw new Refusal(1_008_002)
  if (!isTexts(list) || list.length === 0 || list.length > namesAtMost) throw new Refusal(1_008_007)
  if (list.some(name => name === '' || name.length > longest)) throw new Refusal(1_008_029)
  return single ? list.slice(0, 1) : list
}
