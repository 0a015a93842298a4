/**
 * Secrets as the functions see them: by name, checked, cached, and there while the secrets manager is not.
 */
import type { ZodMiniType } from 'zod/mini'
import { inputErrors, sentence } from '../issues.ts'
import { type Log, redact } from '../log.ts'
import { secretValues } from './secret-values.ts'
import { isSecretName, SecretError, type SecretSource } from './source.ts'

export { SecretError } from './source.ts'

export interface Secrets {
  /** Parsed and checked; null when there is no such secret. Throws SecretError. */
  read<T>(name: string, schema: ZodMiniType<T>): Promise<T | null>
  /**
   * For when a vendor refused the credential: fetches now, at most once in 60 s for a name. True: the value changed
   * within the last 60 s, so that whoever read it before should read it again and repeat once. Never throws.
   */
  refetch(name: string): Promise<boolean>
}

export interface SecretsOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number
  readonly log?: Log
}

const second = 1_000
const minute = 60 * second

/** Who lost access must not keep it for long, so `unpush/access` ages faster than the rest. */
const lifetimes = {
  access: { freshMs: 60 * second, bridgedMs: 15 * minute },
  other: { freshMs: 300 * second, bridgedMs: 60 * minute },
}
const missLifetimeMs = 60 * second
const refetchIntervalMs = 60 * second
/** While the source is down, not every request should wait for it to time out. */
const retryIntervalMs = 5 * second
/** Names of endpoints come from URLs: nobody may fill the memory with those that do not exist. */
const maxMisses = 1_000

interface Copy {
  readonly text: string | null
  readonly fetchedAtMs: number
  /** When a fetch last brought another text than before; null: never in this instance. */
  readonly changedAtMs: number | null
  /** What each schema made of the text. */
  readonly parsed: Map<ZodMiniType, unknown>
}

interface Refetch {
  readonly startedAtMs: number
  readonly changed: Promise<boolean>
}

export function openSecrets(source: SecretSource, options: SecretsOptions = {}): Secrets {
  const now = options.now ?? Date.now
  const copies = new Map<string, Copy>()
  const fetches = new Map<string, Promise<Copy>>()
  const failedAtMs = new Map<string, number>()
  const refetches = new Map<string, Refetch>()

  /** Single flight. The promise is forgotten when it settles, so that no rejection is ever cached. */
  const fetch = (name: string): Promise<Copy> => {
    const running = fetches.get(name)
    if (running) return running
    const started = fetchCopy(name).finally(() => fetches.delete(name))
    fetches.set(name, started)
    return started
  }

  const fetchCopy = async (name: string): Promise<Copy> => {
    try {
      const text = await source.fetch(name)
      const known = copies.get(name)
      const same = known?.text === text
      if (text !== null && !same) registerSecrets(text)
      const copy = {
        text,
        fetchedAtMs: now(),
        changedAtMs: same || !known ? (known?.changedAtMs ?? null) : now(),
        parsed: same && known ? known.parsed : new Map<ZodMiniType, unknown>(),
      }
      // Taken out first, so that the map's order is the order of the last fetch.
      copies.delete(name)
      copies.set(name, copy)
      forgetMisses(copies)
      failedAtMs.delete(name)
      return copy
    } catch (error) {
      if (copies.has(name)) failedAtMs.set(name, now())
      if (error instanceof SecretError) throw error
      throw new SecretError('unavailable', name, null, `the source ${source.name} does not answer`, error)
    }
  }

  const current = async (name: string): Promise<Copy> => {
    const known = copies.get(name)
    if (!known) return fetch(name)
    const { freshMs, bridgedMs } = name === 'unpush/access' ? lifetimes.access : lifetimes.other
    const age = now() - known.fetchedAtMs
    if (age < (known.text === null ? missLifetimeMs : freshMs)) return known
    const bridges = known.text !== null && age < bridgedMs
    if (bridges && now() - (failedAtMs.get(name) ?? -Infinity) < retryIntervalMs) return known
    try {
      return await fetch(name)
    } catch (error) {
      if (!bridges || !(error instanceof SecretError && error.kind === 'unavailable')) throw error
      options.log?.warn('secret source unavailable, cached copy served', { secret: name, age_ms: age, error })
      return known
    }
  }

  const refetchNow = async (name: string): Promise<boolean> => {
    try {
      const { changedAtMs } = await fetch(name)
      return changedAtMs !== null && now() - changedAtMs < refetchIntervalMs
    } catch (error) {
      options.log?.warn('secret could not be fetched again', { secret: name, error })
      return false
    }
  }

  return {
    async read(name, schema) {
      if (!isSecretName(name)) return null
      const copy = await current(name)
      return copy.text === null ? null : parsedBy(name, copy.text, schema, copy.parsed)
    },
    refetch(name) {
      if (!isSecretName(name)) return Promise.resolve(false)
      const last = refetches.get(name)
      if (last && now() - last.startedAtMs < refetchIntervalMs) return last.changed
      const changed = refetchNow(name)
      refetches.set(name, { startedAtMs: now(), changed })
      return changed
    },
  }
}

/** As `read`, where nothing works without it: throws SecretError `missing` instead of answering null. */
export async function readRequired<T>(secrets: Secrets, name: string, schema: ZodMiniType<T>): Promise<T> {
  const value = await secrets.read(name, schema)
  if (value === null) throw new SecretError('missing', name, null, 'there is no such secret')
  return value
}

function parsedBy<T>(name: string, text: string, schema: ZodMiniType<T>, parsed: Map<ZodMiniType, unknown>): T {
  // oxlint-disable-next-line no-unsafe-type-assertion -- what is under a schema was made by that schema
  if (parsed.has(schema)) return parsed.get(schema) as T
  const result = schema.safeParse(jsonOf(name, text), { error: sentence })
  if (!result.success) {
    const [first] = inputErrors(result.error.issues)
    const member = first?.path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~') || null
    throw new SecretError('malformed', name, member, first?.message ?? 'is not valid')
  }
  parsed.set(schema, result.data)
  return result.data
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SecretError('malformed', name, null, 'is not valid JSON')
  }
}

function registerSecrets(text: string): void {
  try {
    for (const value of secretValues(JSON.parse(text))) redact(value)
  } catch {
    redact(text)
  }
}

function forgetMisses(copies: Map<string, Copy>): void {
  if (copies.size <= maxMisses) return
  const oldest = [...copies].find(([, copy]) => copy.text === null)
  if (oldest) copies.delete(oldest[0])
}
