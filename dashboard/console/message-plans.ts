/** What each operation would do to a message. */
import { useEffect, useState } from 'preact/hooks'
import type { AppCapabilities, DryRun, List, Message, Operation } from './answers.ts'
import { type ProblemView, call, isMissing } from './api.ts'
import { isOperation } from './recall-request.ts'
import { operationOrder } from './parts/plan.tsx'
import { type PlanView, viewDocumented, viewDryRun } from './plan-view.ts'
import { useResource } from './resource.ts'

/** The call for plans where this API has it; else what the vendors' documents say. */
export function usePlans(message: Message): {
  readonly plans: ReadonlyMap<Operation, PlanView>
  readonly problem: ProblemView | null
} {
  const [runs, setRuns] = useState<ReadonlyMap<Operation, DryRun> | 'missing' | null>(null)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const version = JSON.stringify([message.id, message.targets, message.recall])
  useEffect(() => {
    let gone = false
    const read = async () => {
      const answer = await call<unknown>('GET', `/v1/messages/${encodeURIComponent(message.id)}/plan`)
      if (gone) return
      if (answer.kind === 'ok') setRuns(runsIn(answer.body) ?? 'missing')
      else if (answer.kind === 'problem' && isMissing(answer.problem)) setRuns('missing')
      else if (answer.kind === 'problem') setProblem(answer.problem)
    }
    void read()
    return () => {
      gone = true
    }
  }, [version])
  const capabilities = useResource<List<AppCapabilities>>(runs === 'missing' ? '/v1/capabilities' : null, () => ({
    pace: 'still',
  }))
  const documented = capabilities?.data.value?.items
  if (runs !== null && runs !== 'missing')
    return {
      plans: new Map(
        [...runs].map(([operation, run]): [Operation, PlanView] => [operation, viewDryRun(operation, run)]),
      ),
      problem,
    }
  if (documented === undefined) return { plans: new Map(), problem: problem ?? capabilities?.problem.value ?? null }
  return {
    plans: new Map(operationOrder.map(operation => [operation, viewDocumented(operation, message, documented)])),
    problem,
  }
}

/** Three plans under the names of their operations, or as a list. */
function runsIn(body: unknown): ReadonlyMap<Operation, DryRun> | null {
  if (typeof body !== 'object' || body === null) return null
  const members = body as { readonly [name: string]: unknown }
  const from = (members['operations'] ?? members['plans'] ?? members['items'] ?? members) as unknown
  const pairs: (readonly [unknown, unknown])[] = Array.isArray(from)
    ? (from as { readonly operation?: unknown }[]).map(run => [run.operation, run] as const)
    : Object.entries(from as object)
  const runs = new Map<Operation, DryRun>()
  for (const [operation, run] of pairs) {
    const { targets } = (run ?? {}) as { readonly targets?: unknown }
    if (typeof operation === 'string' && isOperation(operation) && Array.isArray(targets))
      runs.set(operation, run as DryRun)
  }
  return runs.size === 0 ? null : runs
}
