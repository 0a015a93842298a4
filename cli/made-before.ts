/** The recall that a command made under its key when its answer was lost. */
import type { Recall } from './answers.ts'
import type { Answer, Api } from './api.ts'

/** Members that a request and its recall have alike. */
const alike = ['message', 'messages', 'content', 'reason', 'ticket'] as const

/**
 * Where the plan has changed since, the same command expects another plan, and the service takes its body for another one. Null:
 * the key was used for something else, or not at all, or nobody can tell: push tokens stand in no answer.
 */
export async function madeBefore(
  api: Api,
  { status, body }: Answer,
  operation: string,
  asked: { readonly [name: string]: unknown },
): Promise<Answer | null> {
  const { recall: id } = (body ?? {}) as { readonly recall?: unknown }
  if (status !== 422 || typeof id !== 'string') return null
  const found = await api.ask('GET', `/v1/recalls/${id}`)
  const recall = found.body as Recall
  return recall.operation === operation && says(recall, asked)
    ? { ...found, body: { ...recall, deduplicated: true } }
    : null
}

function says(recall: Recall, asked: { readonly [name: string]: unknown }): boolean {
  const said: { readonly [name: string]: unknown } = { ...recall, ...recall.subject }
  return (
    asked['exceptTokens'] === undefined &&
    alike.every(name => textOf(said[name]) === textOf(asked[name])) &&
    holds(recall.subject.target, asked['target']) &&
    holds(recall.overlay, asked['overlay'])
  )
}

/** Both are there or neither is, and what is asked is said. */
function holds(said: unknown, asked: unknown): boolean {
  if (!isObject(said) || !isObject(asked)) return isObject(said) === isObject(asked)
  return Object.entries(asked).every(([name, value]) => textOf(said[name]) === textOf(value))
}

function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
