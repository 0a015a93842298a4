/** What `GET /v1/metrics` shows, from rows that `sweep` wrote: the last day, within the caller's grant. */
import { reaches } from './access/grant.ts'
import { type MetricRow, readMetrics, stepSeconds } from './ledger/metrics.ts'
import type { ApiResponse } from './platform/request.ts'
import { json, type SignedContext } from './serve.ts'

export interface MetricPoint {
  /** When the five minutes began. */
  readonly at: string
  readonly oldestSeconds: number
  readonly leadMs: { readonly p50: number | null; readonly p99: number | null }
  readonly recalls: number
  readonly unknown: number
  readonly deadLetters: number
  readonly calls: readonly { readonly vendor: string; readonly outcome: string; readonly count: number }[]
}

export interface VerdictPoint {
  readonly at: string
  readonly source: string
  readonly state: string
  readonly count: number
}

/** The app's five minutes in which something was, and what they come to. */
export interface AppMetrics {
  readonly app: string
  readonly points: readonly MetricPoint[]
  /** Of the day; `oldestSeconds` of the newest five minutes. */
  readonly day: Omit<MetricPoint, 'at'>
}

export interface Metrics {
  readonly stepSeconds: number
  readonly apps: readonly AppMetrics[]
  readonly verdicts: readonly VerdictPoint[]
}

/** Text for Prometheus, or JSON where `Accept` asks for that. */
export async function metrics(context: SignedContext): Promise<ApiResponse> {
  const grant = context.principal.grantFor('read')
  const [rows, names] = await Promise.all([readMetrics(context.ledger, grant), context.apps.names()])
  const mine = names.filter(name => reaches(grant, name))
  const found = seriesOf(rows, mine)
  if (/\bapplication\/json\b/i.test(context.request.headers['accept'] ?? '')) return json(200, found)
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: prometheusOf(found),
  }
}

/** `rows`: oldest first. Pure. */
export function seriesOf(rows: readonly MetricRow[], names: readonly string[]): Metrics {
  const newest = rows.at(-1)?.at
  const all = new Set([...names, ...rows.flatMap(({ apps, value }) => (isOfOne(value) ? apps : []))])
  return {
    stepSeconds,
    apps: [...all].sort().map(app => {
      const mine = rows.filter(({ apps, value }) => apps.length === 1 && apps[0] === app && isOfOne(value))
      const points = mine.map(pointOf)
      return { app, points, day: dayOf(mine, points, newest) }
    }),
    verdicts: rows.flatMap(({ at, value }) =>
      pairsOf(value.verdicts).map(([source, state, count]) => ({ at, source, state, count })),
    ),
  }
}

function isOfOne({ oldest, ended, calls }: MetricRow['value']): boolean {
  return oldest !== undefined || ended !== undefined || calls !== undefined
}

function pointOf({ at, value }: MetricRow): MetricPoint {
  const { oldest = 0, ended, calls } = value
  return {
    at,
    oldestSeconds: oldest,
    leadMs: { p50: ended?.p50 ?? null, p99: ended?.p99 ?? null },
    recalls: ended?.recalls ?? 0,
    unknown: ended?.unknown ?? 0,
    deadLetters: ended?.dead ?? 0,
    calls: pairsOf(calls).map(([vendor, outcome, count]) => ({ vendor, outcome, count })),
  }
}

function dayOf(rows: readonly MetricRow[], points: readonly MetricPoint[], newest: string | undefined) {
  const leads = ascending(rows.map(({ value }) => value.ended?.leads ?? []))
  const sum = (of: (point: MetricPoint) => number) => points.reduce((total, point) => total + of(point), 0)
  const calls = new Map<string, MetricPoint['calls'][number]>()
  for (const { vendor, outcome, count } of points.flatMap(point => point.calls)) {
    const name = `${vendor} ${outcome}`
    calls.set(name, { vendor, outcome, count: (calls.get(name)?.count ?? 0) + count })
  }
  return {
    oldestSeconds: points.find(({ at }) => at === newest)?.oldestSeconds ?? 0,
    leadMs: { p50: quantile(leads, 0.5), p99: quantile(leads, 0.99) },
    recalls: sum(({ recalls }) => recalls),
    unknown: sum(({ unknown }) => unknown),
    deadLetters: sum(({ deadLetters }) => deadLetters),
    calls: [...calls.values()],
  }
}

/** Of a busy day tens of thousands. */
function ascending(parts: readonly (readonly number[])[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let place = 0
  for (const part of parts) {
    all.set(part, place)
    place += part.length
  }
  return all.sort()
}

/** As `percentile_disc` has it; null of nothing. */
function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

/** `{"<vendor> accepted":3}` as rows. */
function pairsOf(counts: { readonly [pair: string]: number } = {}): [string, string, number][] {
  return Object.entries(counts).map(([pair, count]) => {
    const [first = '', second = ''] = pair.split(' ')
    return [first, second, count]
  })
}

interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly (readonly [labels: { readonly [label: string]: string }, value: number])[]
}

/** https://prometheus.io/docs/instrumenting/exposition_formats: gauges, since a day that moves on goes down, too. */
function prometheusOf({ apps, verdicts }: Metrics): string {
  const counted = new Map<string, { source: string; state: string; count: number }>()
  for (const { source, state, count } of verdicts) {
    const name = `${source} ${state}`
    counted.set(name, { source, state, count: (counted.get(name)?.count ?? 0) + count })
  }
  const ofApps = (value: (day: AppMetrics['day']) => number): Family['samples'] =>
    apps.map(({ app, day }) => [{ app }, value(day)])
  const families: readonly Family[] = [
    {
      name: 'unpush_oldest_unfinished_work_seconds',
      help: 'Age of the oldest recall on its way, as sweep last saw it.',
      samples: ofApps(day => day.oldestSeconds),
    },
    {
      name: 'unpush_lead_time_seconds',
      help: 'From the admission to the last answer of the vendor, of recalls that settled within a day.',
      samples: apps.flatMap(({ app, day }) =>
        [
          { quantile: '0.5', ms: day.leadMs.p50 },
          { quantile: '0.99', ms: day.leadMs.p99 },
        ].flatMap(({ quantile, ms }) => (ms === null ? [] : [[{ app, quantile }, ms / 1000] as const])),
      ),
    },
    {
      name: 'unpush_settled_recalls',
      help: 'Recalls that settled within a day.',
      samples: ofApps(day => day.recalls),
    },
    {
      name: 'unpush_unknown_devices',
      help: 'Devices of those recalls whose outcome stays unknown.',
      samples: ofApps(day => day.unknown),
    },
    {
      name: 'unpush_dead_letters',
      help: 'Requests of those recalls that reached nobody.',
      samples: ofApps(day => day.deadLetters),
    },
    {
      name: 'unpush_vendor_calls',
      help: 'Answers of vendors within a day.',
      samples: apps.flatMap(({ app, day }) =>
        day.calls.map(({ vendor, outcome, count }) => [{ app, vendor, outcome }, count] as const),
      ),
    },
    {
      name: 'unpush_verdicts',
      help: 'Verdicts that came within a day, as they stand now.',
      samples: [...counted.values()].map(({ source, state, count }) => [{ source, state }, count] as const),
    },
  ]
  return families
    .map(({ name, help, samples }) => {
      const lines = samples.map(([labels, value]) => {
        const written = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
        return `${name}{${written.join(',')}} ${value}\n`
      })
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
    })
    .join('')
}
