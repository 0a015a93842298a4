/**
 * Secrets as the functions see them: by name, checked, cached, and there while the secrets manager is not.
 */
import type { ZodMiniType } from 'zod/mini'
import { inputErrors, sentence } from '../issues.ts'
import { type Log, redact } from '../log.ts'
import { parsePasted, parsePastedText } from '../pasted-json.ts'
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
  /** Members of a document, at any depth, that its vendor calls no secret. */
  readonly openMembers?: (document: unknown) => Promise<readonly string[]>
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
/** While the source is down, not every request should ask it, and wait for it to time out. */
const retryIntervalMs = 5 * second
/**
 * Callers choose only among names that a list has, so that few lead to nothing; should some way be left, it is this narrow:
 * so many at once, and one a second.
 */
const missesAtOnce = 50
const missReturnMs = second
const maxMisses = 1_000

interface Copy {
  readonly text: string | null
  readonly fetchedAtMs: number
  /** When a fetch last brought another text than before; null: never in this instance. */
  readonly changedAtMs: number | null
  /** What each schema made of the text: a value, or what is wrong with it. */
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
  const failures = new Map<string, { readonly atMs: number; readonly error: SecretError }>()
  let misses = 0
  let missedAtMs = now()
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
      if (text !== null && !same) await registerSecrets(name, text, options.openMembers)
      const copy = {
        text,
        fetchedAtMs: now(),
        changedAtMs: same || !known ? (known?.changedAtMs ?? null) : now(),
        parsed: same && known ? known.parsed : new Map<ZodMiniType, unknown>(),
      }
      // Taken out first, so that the map's order is the order of the last fetch.
      if (text === null && !copies.has(name)) misses = missesNow() + 1
      copies.delete(name)
      copies.set(name, copy)
      forgetMisses(copies)
      failures.delete(name)
      return copy
    } catch (cause) {
      const error =
        cause instanceof SecretError
          ? cause
          : new SecretError('unavailable', name, null, `the source ${source.name} does not answer`, cause)
      if (failures.size < maxMisses || failures.has(name)) failures.set(name, { atMs: now(), error })
      throw error
    }
  }

  /** Those that count still. */
  const missesNow = (): number => {
    const returned = Math.max(0, now() - missedAtMs) / missReturnMs
    missedAtMs = now()
    return Math.max(0, misses - returned)
  }

  const fetchNew = (name: string): Promise<Copy> => {
    misses = missesNow()
    if (misses < missesAtOnce) return fetch(name)
    throw new SecretError('unavailable', name, null, 'too many secrets were asked for that do not exist')
  }

  const current = async (name: string): Promise<Copy> => {
    const known = copies.get(name)
    const failure = failures.get(name)
    const failedNow = failure !== undefined && now() - failure.atMs < retryIntervalMs
    if (!known) {
      if (failedNow) throw failure.error
      return fetchNew(name)
    }
    const { freshMs, bridgedMs } = name === 'unpush/access' ? lifetimes.access : lifetimes.other
    const age = now() - known.fetchedAtMs
    if (age < (known.text === null ? missLifetimeMs : freshMs)) return known
    const bridges = known.text !== null && age < bridgedMs
    if (failedNow) {
      if (bridges && failure.error.kind === 'unavailable') return known
      throw failure.error
    }
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
  const value = parsed.get(schema) ?? parse(name, text, schema)
  parsed.set(schema, value)
  if (value instanceof SecretError) throw value
  // oxlint-disable-next-line no-unsafe-type-assertion -- what is under a schema was made by that schema
  return value as T
}

function parse<T>(name: string, text: string, schema: ZodMiniType<T>): T | SecretError {
  const document = documentIn(text)
  const result = schema.safeParse(document, { error: sentence })
  if (result.success) return result.data
  // that it is one text may be what was meant (a PEM), and was not
  if (document === text) return new SecretError('malformed', name, null, 'is not valid JSON')
  const [first] = inputErrors(result.error.issues)
  const member = first?.path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~') || null
  return new SecretError('malformed', name, member, first?.message ?? 'is not valid')
}

/** JSON, JSON as a text in JSON or as base64; else the text as it is. */
function documentIn(text: string): unknown {
  return parsePastedText(parsePasted(text) ?? text)
}

/** Before anybody reads it. A vendor that cannot be loaded has no open members: all of it is secret. */
async function registerSecrets(name: string, text: string, openMembers: SecretsOptions['openMembers']): Promise<void> {
  const document = documentIn(text)
  const opens = (await openMembers?.(document).catch(() => [])) ?? []
  for (const value of secretValues(name, document, opens)) redact(value)
}

function forgetMisses(copies: Map<string, Copy>): void {
  if (copies.size <= maxMisses) return
  const oldest = [...copies].find(([, copy]) => copy.text === null)
  if (oldest) copies.delete(oldest[0])
}
