/** How vendors, channels and what vendors say are called. */
import { channelWords, providerWords, vendorStatusWords } from '../words/vendors/names.ts'
import { language, say, w } from './language.ts'

/** Its own name where this console knows none. */
export function providerName(provider: string | null): string {
  if (provider === null) return '–'
  const words = Object.hasOwn(providerWords, provider) ? providerWords[provider] : undefined
  return words === undefined ? provider : say(words)
}

export function channelName(provider: string | null, channel: string): string {
  const own = `${provider}.${channel}`
  const words = Object.hasOwn(channelWords, own) ? channelWords[own] : undefined
  return words === undefined ? channel : say(words)
}

/** Two names, or the first `and 2 more`. */
export function providerList(providers: readonly string[]): string {
  const names = [...new Set(providers.map(providerName))]
  if (names.length <= 2) return names.join(language.value === 'zh' ? '、' : ', ')
  return language.value === 'zh' ? `${names[0]} 等 ${names.length} 家` : `${names[0]} and ${names.length - 1} more`
}

/** The vendor's word for a push of its in ours; null: it has no record. */
export function statusWord(status: string | null): string {
  if (status === null) return w('noRecord')
  const words = Object.hasOwn(vendorStatusWords, status) ? vendorStatusWords[status] : undefined
  return words === undefined ? status : say(words)
}
