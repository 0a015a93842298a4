/**
 * What vouches for callbacks that nobody signs: a secret in the URL that the moderation system is given, `?key=…`
 * (contract §7). It is no signature: who learns it can send what they like, which is then asked about and never believed.
 */
import * as z from 'zod/mini'
import { optional } from '../members.ts'
import { once } from '../once.ts'
import { matchesSecret } from './digests.ts'
import type { Delivery } from './source.ts'

/** Optional, since the endpoint's own API can be asked without any callback: all of them are refused then. */
export const urlSecret = once(() =>
  optional(z.string().check(z.minLength(22, 'must have at least 22 characters, like openssl rand -hex 16 gives'))),
)

/** Whether one version of an endpoint's secret has one. */
export function hasUrlSecret(secret: unknown): boolean {
  return typeof secret === 'object' && secret !== null && 'urlSecret' in secret && secret.urlSecret !== undefined
}

export function bringsUrlSecret({ urlKey }: Delivery, secret: string | undefined): boolean {
  return matchesSecret(urlKey, secret)
}
