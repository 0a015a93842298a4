/** Which service is meant, and with whose key: profiles in a file that only its owner may read, or the environment. */
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment } from './environment.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'
import type { Say } from './output/language.ts'
import { withoutTrailing } from '../shared/text.ts'

export interface Profile {
  readonly url: string
  readonly key: string
}

export interface Profiles {
  /** The name of the one that is used where nothing else is said. */
  readonly profile: string | null
  readonly profiles: { readonly [name: string]: Profile }
}

export interface Connection {
  /** Without a slash at its end. */
  readonly url: string
  /** Null: none was given. */
  readonly key: string | null
  /** Null: the environment says it. */
  readonly profile: string | null
}

const nothing: Profiles = { profile: null, profiles: {} }
export const profileForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** In this order: `--profile`, the environment, the profile that the file names. */
export async function connectionOf(wanted: string | null, environment: Environment, say: Say): Promise<Connection> {
  if (wanted === null && environment.url !== null) return fromEnvironment(environment.url, environment, say)
  if (wanted === null && (environment.key !== null || environment.keyFile !== null)) {
    throw new CommandFailed(exits.wrongInput, say('keyWithoutUrl'), { next: ['export UNPUSH_URL=https://…'] })
  }
  const { profile: current, profiles } = await readProfiles(environment, say)
  const name = wanted ?? current
  if (name === null) {
    throw new CommandFailed(exits.notAllowed, say('noConnection'), {
      next: ['unpush login https://…', 'export UNPUSH_URL=https://… UNPUSH_KEY=…'],
    })
  }
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile === undefined) {
    const known = Object.keys(profiles)
    throw new CommandFailed(exits.wrongInput, say('noProfile', { name }), {
      next:
        known.length === 0
          ? [`unpush login https://… --profile ${name}`]
          : [`unpush profiles    (${known.join(', ')})`],
    })
  }
  return { url: readUrl(profile.url, say), key: profile.key, profile: name }
}

async function fromEnvironment(url: string, { key, keyFile }: Environment, say: Say): Promise<Connection> {
  const connection = { url: readUrl(url, say), profile: null }
  if (key !== null || keyFile === null) return { ...connection, key: key === null ? null : readKey(key, say) }
  const text = await readFile(keyFile, 'utf8').catch(() => {
    throw new CommandFailed(exits.wrongInput, say('unreadableFile', { file: keyFile }), { next: ['UNPUSH_KEY_FILE'] })
  })
  return { ...connection, key: readKey(text, say) }
}

/** A key travels in a header of every request: https, or http where nobody else listens. */
export function readUrl(text: string, say: Say): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const local = url !== null && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname)
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && local)
  if (url === null || !safe || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new CommandFailed(exits.wrongInput, say('wrongUrl'), { next: ['https://unpush.example.com'] })
  return `${url.origin}${withoutTrailing(url.pathname, '/')}`
}

/** Throws where it could not stand in a header. */
export function readKey(text: string, say: Say): string {
  const key = text.trim()
  if (!/^[\x21-\x7e]{1,8192}$/.test(key)) throw new CommandFailed(exits.wrongInput, say('wrongKey'))
  return key
}

export async function readProfiles({ configFile }: Environment, say: Say): Promise<Profiles> {
  const found = await stat(configFile).catch(() => null)
  if (found === null) return nothing
  // on Windows the mode says nothing
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new CommandFailed(exits.wrongInput, say('readableByOthers', { file: configFile }), {
      next: [`chmod 600 ${configFile}`],
    })
  }
  const read = profilesIn(await readFile(configFile, 'utf8').catch(() => ''))
  if (read === null) throw new CommandFailed(exits.wrongInput, say('brokenConfig', { file: configFile }))
  return read
}

function profilesIn(text: string): Profiles | null {
  try {
    const { profile = null, profiles } = JSON.parse(text) as Partial<Profiles>
    const entries = Object.entries(profiles ?? {})
    const whole = entries.every(([, one]) => typeof one?.url === 'string' && typeof one.key === 'string')
    return whole && (profile === null || typeof profile === 'string') ? { profile, profiles: profiles ?? {} } : null
  } catch {
    return null
  }
}

/** Renamed into place: whoever reads it finds a whole file. */
export async function writeProfiles({ configFile }: Environment, profiles: Profiles): Promise<void> {
  const folder = dirname(configFile)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const next = `${configFile}.${process.pid}`
  await writeFile(next, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 })
  await chmod(next, 0o600)
  await rename(next, configFile)
}
