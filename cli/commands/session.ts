/** `login`, `logout`, `profiles`, `whoami`, `open`: which service, as whom. */
import { roleWords } from '../../dashboard/words/terms.ts'
import type { Me } from '../answers.ts'
import { openApi } from '../api.ts'
import type { Context } from '../context.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { textOf } from '../files.ts'
import { timeOf, wordFor } from '../output/recall.ts'
import { table } from '../output/table.ts'
import { plain } from '../output/text.ts'
import { connectionOf, profileForm, type Profiles, readKey, readProfiles, readUrl, writeProfiles } from '../profiles.ts'
import { recallIn } from '../recall-operand.ts'
import { serviceLine } from '../service-line.ts'

/** The key is read without echo, or from standard input; it is tried before it is kept. */
export async function login(context: Context): Promise<Exit> {
  const { say, environment, terminal, value, show } = context
  const kept = await readProfiles(environment, say)
  const wanted = value('profile')
  if (wanted !== null && !profileForm.test(wanted)) throw new CommandFailed(exits.wrongInput, say('wrongProfileName'))
  const known = kept.profiles[wanted ?? kept.profile ?? ''] ?? null
  const url = readUrl(await urlFor(context, wanted, known?.url ?? null), say)
  const name = wanted ?? nameFor(url, kept)
  const key = readKey(await keyFor(context, url), say)
  const connection = { url, key, profile: name }
  const api = openApi(connection, terminal, say)
  const me = await api.try('GET', '/v1/me')
  // a service of before does not tell who one is, and refuses a key that it does not know all the same
  if (me.status === 404 || me.status === 405) {
    const asked = await api.try('GET', '/v1/messages', { query: { limit: 1 } })
    // a sender's key may not read, and is a key all the same
    if (asked.status !== 200 && asked.status !== 403) throw api.refusal(asked)
  } else if (me.status !== 200) throw api.refusal(me)
  await writeProfiles(environment, { profile: name, profiles: { ...kept.profiles, [name]: { url, key } } })
  const who = me.status === 200 ? (me.body as Me) : null
  const line = serviceLine(say, connection, await api.config(), who)
  show({ profile: name, url, person: who?.person ?? null, id: who?.id ?? null }, () => [
    say('loggedIn', { service: line }),
    ...(who === null ? [say('noMe')] : []),
  ])
  return exits.ok
}

/** Signing in somewhere else takes no other service's profile. */
function nameFor(url: string, { profiles }: Profiles): string {
  const [same] = Object.entries(profiles).find(([, profile]) => profile.url === url) ?? []
  if (same !== undefined) return same
  return Object.hasOwn(profiles, 'default') ? new URL(url).host.replaceAll(':', '-') : 'default'
}

/** In the order in which every command finds its service, the word behind `login` before all. */
async function urlFor(
  { operands, environment, terminal, say }: Context,
  wanted: string | null,
  known: string | null,
): Promise<string> {
  const [given = ''] = operands
  if (given !== '') return given
  const before = wanted === null ? (environment.url ?? known) : known
  if (before !== null) return before
  const missing = new CommandFailed(exits.wrongInput, say('urlMissing'), { next: ['unpush login https://…'] })
  if (!terminal.asks) throw missing
  const answer = (await terminal.ask(`${say('askUrl')} `))?.trim() ?? ''
  if (terminal.interrupted.aborted) throw new CommandFailed(exits.interrupted, say('interrupted'))
  if (answer === '') throw missing
  return answer
}

async function keyFor(context: Context, url: string): Promise<string> {
  const { terminal, say, on } = context
  if (terminal.asks) {
    const answer = await terminal.ask(`${say('askKey', { host: new URL(url).host })} `, { hidden: true })
    if (terminal.interrupted.aborted) throw new CommandFailed(exits.interrupted, say('interrupted'))
    return answer ?? ''
  }
  const text = on('no-input') ? '' : await textOf(context, '-')
  if (text.trim() === '')
    throw new CommandFailed(exits.wrongInput, say('keyMissing'), { next: ['unpush login < key.txt'] })
  return text
}

export async function logout({ say, environment, value, show }: Context): Promise<Exit> {
  const { profile, profiles } = await readProfiles(environment, say)
  const name = value('profile') ?? profile
  if (name === null || !Object.hasOwn(profiles, name))
    throw new CommandFailed(
      exits.nothingDone,
      name === null ? say('noProfiles') : say('noProfile', { name: plain(name) }),
    )
  const { [name]: _gone, ...rest } = profiles
  await writeProfiles(environment, { profile: profile === name ? null : profile, profiles: rest })
  show({ profile: name }, () => [say('loggedOut', { name })])
  return exits.ok
}

/** With a name: that one is used from now on. */
export async function profiles({ say, environment, operands, show }: Context): Promise<Exit> {
  const kept = await readProfiles(environment, say)
  const [wanted] = operands
  if (wanted !== undefined && !Object.hasOwn(kept.profiles, wanted)) {
    throw new CommandFailed(exits.wrongInput, say('noProfile', { name: plain(wanted) }), { next: ['unpush profiles'] })
  }
  if (wanted !== undefined) await writeProfiles(environment, { ...kept, profile: wanted })
  const current = wanted ?? kept.profile
  const items = Object.entries(kept.profiles).map(([name, { url }]) => ({ name, url, current: name === current }))
  show({ items }, () =>
    items.length === 0
      ? [say('noProfiles')]
      : table(
          [{ title: '' }, { title: say('profile') }, { title: 'URL', least: 20 }],
          items.map(({ name, url, current }) => [current ? '*' : '', plain(name), plain(url)]),
          null,
        ),
  )
  return exits.ok
}

export async function whoami(context: Context): Promise<Exit> {
  const { say, show } = context
  const api = await context.api()
  const me = (await api.ask('GET', '/v1/me')).body as Me
  const service = await api.config()
  show(me, () => [
    serviceLine(say, api.connection, service, me),
    `  ${plain(me.id)}`,
    `  ${say('roles')}  ${say.list(me.roles.map(role => wordFor(roleWords, role, say)))}`,
    `  ${say('apps')}  ${me.allApps === true ? say('allApps', { count: me.apps.length }) : say.list(me.apps.map(({ id }) => plain(id)))}`,
    ...(me.expiresAt === null ? [] : [`  ${say('untilName')}  ${timeOf(me.expiresAt)}`]),
  ])
  return exits.ok
}

/** In a browser where there is one; the address is printed in any case. */
export async function openRecall(context: Context): Promise<Exit> {
  const { say, terminal, show, value, environment } = context
  const id = recallIn(context)
  const { url } = await connectionOf(value('profile'), environment, say)
  const address = `${url}/#/recalls/${id}`
  show({ url: address }, () => [address])
  if (terminal.asks && !context.on('json') && !(await terminal.open(address))) context.note(say('noBrowser'))
  return exits.ok
}
