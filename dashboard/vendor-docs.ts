/**
 * `npm run vendor-docs`: docs/vendors.md and its Chinese page, and the words of vendors for console and command line, all from what
 * the providers say of their vendors.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Operation, operations } from '../shared/operation.ts'
import type { Addressing, ChannelCapability, OperationCapability, Provider } from '../shared/providers/provider.ts'
import { allProviders } from '../shared/providers/registry.ts'
import { serviceNoticesIn } from '../shared/service-codes.ts'
import type { Words } from '../shared/words.ts'
import { inputSchema } from './json-schema.ts'
import { vendorWordFiles } from './vendor-words.ts'
import { noticeText } from './words/notices.ts'
import { operationTitles } from './words/terms.ts'
import { vendorDocEffects as effects, vendorDocWords as words } from './words/vendor-docs.ts'

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

export const vendorPages: { readonly [L in Language]: string } = {
  en: fileURLToPath(new URL('../docs/vendors.md', import.meta.url)),
  zh: fileURLToPath(new URL('../docs/vendors.zh-CN.md', import.meta.url)),
}

export async function vendorPage(language: Language): Promise<string> {
  const say = createSay(language)
  const providers = await allProviders()
  const parts = [
    `# ${say(words.title)}`,
    say(words.otherLanguage),
    say(words.made),
    say(words.newVendor),
    overview(providers, say),
    ...providers.flatMap(provider => sectionOf(provider, say)),
  ]
  return `${parts.join('\n\n')}\n`
}

interface Say {
  (text: Words, given?: { readonly [name: string]: string | number }): string
  /** A sentence of a provider, which is English. */
  readonly sentence: (text: string, provider: Provider) => string
}

function createSay(language: Language): Say {
  const zh = language === 'zh'
  const say = (text: Words, given: { readonly [name: string]: string | number } = {}) =>
    text[zh ? 1 : 0].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(given[name] ?? ''))
  const inChinese = (text: string, { sentences }: Provider) =>
    serviceNoticesIn(text, sentences)
      .map(notice => noticeText(notice, true, sentences))
      .join('')
  return Object.assign(say, { sentence: zh ? inChinese : (text: string) => text })
}

/** A row for each vendor. */
function overview(providers: readonly Provider[], say: Say): string {
  const head = [words.vendor, ...operations.map(one => operationTitles[one]), words.knownBy, words.means, words.proof]
  const rows = providers.map(provider => {
    const all = offered(provider)
    const means = all.flatMap(([, { addressing }]) => addressing.map(one => addressed(one, say)))
    return [
      `[${say(provider.title)}](#${provider.name})`,
      ...operations.map(operation => summary(provider, operation, say)),
      provider.handles.map(({ member }) => `\`${member}\``).join(' · '),
      [...new Set(means)].join(say(words.semicolon)),
      proofOf(provider, say),
    ]
  })
  return table(
    head.map(one => say(one)),
    rows,
  )
}

/** What shows that an operation was done, where that is not the same for all of them. */
function proofOf(provider: Provider, say: Say): string {
  const all = offered(provider)
  const proven = all.filter(([, { confirmedBy }]) => confirmedBy.length > 0)
  if (proven.length === 0) return say(words.noProof)
  const isWhole = proven.length === all.length && proven.every(([, { provesScheduled }]) => provesScheduled !== true)
  if (isWhole) return say(words.isProof)
  const named = proven.map(([operation, { provesScheduled }]) => {
    const title = say(operationTitles[operation])
    return provesScheduled === true ? say(words.whileWaiting, { operation: title }) : title
  })
  return say(words.isProofOf, { operations: named.join(' · ') })
}

function offered(provider: Provider): readonly (readonly [Operation, OperationCapability])[] {
  return operations.flatMap((operation): [Operation, OperationCapability][] => {
    const capability = provider.capabilities.operations[operation]
    return capability === undefined || provider[operation] === undefined ? [] : [[operation, capability]]
  })
}

/** Channels by what people will see there; a dash where the vendor has no such operation. */
function summary(provider: Provider, operation: Operation, say: Say): string {
  const [, capability] = offered(provider).find(([one]) => one === operation) ?? []
  if (capability === undefined) return '–'
  return Object.entries(effects)
    .flatMap(([effect, text]) => {
      const channels = capability.channels.filter(one => one.effect === effect)
      const names = channels.map(({ channel, until }) => {
        const name = channelName(provider, channel, say)
        return until === undefined
          ? name
          : say(words.remarked, { text: name, remark: say(words.until, { day: until }) })
      })
      return names.length === 0 ? [] : [say(words.labelled, { label: `**${say(text)}**`, text: names.join(' · ') })]
    })
    .join('<br>')
}

function addressed(addressing: Addressing, say: Say): string {
  const ways = { task: words.byTask, audience: words.byAudience, tokens: words.byTokens, token: words.byToken }
  return say(ways[addressing.by], { most: addressing.by === 'tokens' ? addressing.most.toLocaleString('en') : '' })
}

function channelName({ channels }: Provider, channel: string, say: Say): string {
  return say(channels[channel] ?? [channel, channel])
}

function sectionOf(provider: Provider, say: Say): string[] {
  const { name, title, handles, capabilities } = provider
  const madeBy = { vendor: words.madeByVendor, sender: words.madeBySender }
  const known = handles.map(one => {
    const text = say(words.remarked, { text: say(one.words), remark: say(madeBy[one.madeBy]) })
    return `- ${say(words.labelled, { label: `\`${one.member}\``, text })}`
  })
  const names = handles.map(({ member }) => member)
  const windowMs = capabilities.identicalOverlayWindowMs
  return [
    `<a id="${name}"></a>\n\n## ${say(title)}`,
    [
      `- ${say(words.labelled, { label: say(words.secret), text: membersOf(provider.credentials, [], say) })}`,
      `- ${say(words.labelled, { label: say(words.target), text: membersOf(provider.target, names, say) })}`,
      ...known,
    ].join('\n'),
    ...offered(provider).flatMap(([operation, { channels, addressing }]) => {
      const text = addressing.map(one => addressed(one, say)).join(say(words.semicolon))
      return [
        `### ${say(words.labelled, { label: say(operationTitles[operation]), text })}`,
        channelTable(provider, channels, say),
      ]
    }),
    ...(windowMs === null ? [] : [say(words.refusesTwice, { seconds: windowMs / 1000 })]),
    `### ${say(words.limits)}`,
    limitTable(provider, say),
  ]
}

/** Its members, with the values of those that have few: first what must be there. `names`: of these, one must be. */
function membersOf(schema: Provider['credentials' | 'target'], names: readonly string[], say: Say): string {
  const { properties = {}, required = [] } = inputSchema(schema)
  const written = (members: readonly string[]): string =>
    members
      .map(member => {
        const rule = properties[member] ?? {}
        const values = [rule['const'] ?? rule['enum'] ?? []].flat().filter(value => typeof value === 'string')
        const remark = values.map(value => `\`${value}\``).join(say(words.comma))
        return remark === '' ? `\`${member}\`` : say(words.remarked, { text: `\`${member}\``, remark })
      })
      .join(' · ')
  const eithers = names.filter(name => !required.includes(name))
  const others = Object.keys(properties).filter(member => !required.includes(member) && !eithers.includes(member))
  return [
    ...(required.length > 0 ? [written(required)] : []),
    ...(eithers.length > 0 ? [say(words.eitherName, { names: written(eithers) })] : []),
    ...(others.length > 0 ? [say(words.optional, { members: written(others) })] : []),
  ].join(say(words.semicolon))
}

/** Channels of which the same is said share a row. */
function channelTable(provider: Provider, channels: readonly ChannelCapability[], say: Say): string {
  const rows = new Map<string, { readonly names: string[]; readonly rest: readonly string[] }>()
  for (const { channel, effect, note, since, until, source, asOf } of channels) {
    const told = [
      ...(note === undefined ? [] : [say.sentence(note, provider)]),
      ...(since === undefined ? [] : [say(words.since, { day: since })]),
      ...(until === undefined ? [] : [say(words.until, { day: until })]),
    ]
    const rest = [say(effects[effect]), told.join(' '), link(source, asOf)]
    const row = rows.get(rest.join('|')) ?? { names: [], rest }
    row.names.push(channelName(provider, channel, say))
    rows.set(rest.join('|'), row)
  }
  return table(
    [words.channel, words.effect, words.note, words.source].map(one => say(one)),
    [...rows.values()].map(({ names, rest }) => [names.join(' · '), ...rest]),
  )
}

function limitTable(provider: Provider, say: Say): string {
  return table(
    [words.limit, words.value, words.source].map(one => say(one)),
    provider.capabilities.limits.map(({ name, value, unit, inferred, source, asOf }) => {
      const amount = value.toLocaleString('en')
      const each = say.sentence(unit, provider)
      // 每秒 1, and 4,096 字节
      const text = each.startsWith('每') ? `${each} ${amount}` : `${amount} ${each}`
      return [
        say.sentence(name, provider),
        inferred ? say(words.remarked, { text, remark: say(words.inferred) }) : text,
        link(source, asOf),
      ]
    }),
  )
}

/** Under the day it was read. */
function link(source: string, asOf: string): string {
  return `[${asOf}](${encodeURI(source)})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const language of languages) await writeFile(vendorPages[language], await vendorPage(language))
  for (const [file, text] of await vendorWordFiles()) await writeFile(file, text)
}
