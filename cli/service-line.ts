/** Whose phones are acted on, said before anything is: environment, host, profile, person. */
import type { Me } from './answers.ts'
import type { ServiceConfig } from './api.ts'
import type { Say } from './output/language.ts'
import { plain } from './output/text.ts'
import type { Connection } from './profiles.ts'

/** `PRODUCTION unpush.example.com (prod) as li.wei`; any other environment is not in capitals. */
export function serviceLine(
  say: Say,
  { url, profile }: Connection,
  service: ServiceConfig | null,
  me: Me | null,
): string {
  const name = plain(service?.environment ?? '') || say('environmentUnknown')
  const { host, pathname } = new URL(url)
  const where = `${host}${pathname === '/' ? '' : pathname}`
  return [
    /^prod/i.test(name) ? name.toUpperCase() : name,
    where,
    ...(profile === null ? [] : [`(${profile})`]),
    ...(me === null ? [] : [say('as', { person: plain(me.person ?? me.id) })]),
  ].join(' ')
}
