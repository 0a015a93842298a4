/** What happened, as a file: the recall and its events, exactly as the API tells them now. */
import type { Recall } from '../answers.ts'
import { call, config, type ProblemView } from '../api.ts'

/** Null: saved. */
export async function saveEvidence({ id }: Pick<Recall, 'id'>): Promise<ProblemView | null> {
  const [recall, events] = await Promise.all([
    call<Recall>('GET', `/v1/recalls/${id}`),
    call<{ readonly items: readonly unknown[] }>('GET', `/v1/recalls/${id}/events`),
  ])
  if (recall.kind === 'problem') return recall.problem
  if (events.kind === 'problem') return events.problem
  if (recall.kind !== 'ok' || events.kind !== 'ok') return null
  save(
    `${id}.json`,
    'application/json',
    `${JSON.stringify(
      {
        of: 'unpush recall',
        savedAt: new Date().toISOString(),
        from: location.origin,
        environment: config.peek()?.environment ?? null,
        recall: recall.body,
        events: events.body.items,
      },
      null,
      2,
    )}\n`,
  )
  return null
}

export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
