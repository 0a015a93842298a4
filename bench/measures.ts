/** What the long measurements share: rows of the table, a clock, made-up tokens, a database to throw away. */
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'

export interface Row {
  readonly what: string
  readonly measured: string
  readonly goal: string
  /** Null: it could not be measured. */
  readonly met: boolean | null
}

export function printHead(): void {
  console.log('| what | measured | goal | |\n|---|---|---|---|')
}

export function printRow({ what, measured, goal, met }: Row): void {
  const verdict = met === null ? '**not measured**' : met ? 'met' : '**missed**'
  console.log(`| ${what} | ${measured} | ${goal} | ${verdict} |`)
}

/** The rows that `work` measures, each as it comes; where it fails, one more that says why, and the next measurement goes on. */
export async function* attempted(
  what: string,
  work: () => AsyncIterable<Row> | Promise<Iterable<Row>>,
): AsyncGenerator<Row, void, undefined> {
  try {
    for await (const row of await work()) yield row
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    yield { what, measured: why.replaceAll('|', '/').slice(0, 200), goal: '', met: null }
  }
}

/** How noisy repeats were: half of them lie within ` ±7 %` of their median, of the noisiest series. Over ten or so it is the machine that was measured. */
export function spread(...series: readonly (readonly number[])[]): string {
  const parts = series.map(values => {
    const sorted = [...values].sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0
    return (at(0.75) - at(0.25)) / 2 / at(0.5)
  })
  return ` ±${(Math.max(...parts) * 100).toFixed(0)} %`
}

/** Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Push Kit's tokens are 112 characters today. */
export function tokensOf(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(84).toString('base64'))
}

/** Runs `work` with an empty database of the server that `server` leads to; it is dropped afterwards. */
export async function onScratch<Result>(server: string, work: (url: string) => Promise<Result>): Promise<Result> {
  const name = `bench_${randomBytes(8).toString('hex')}`
  const client = postgres(server, { max: 1, onnotice: () => {} })
  try {
    await client.unsafe(`create database ${name}`)
    try {
      return await work(server.replace(/[^/]*$/, name))
    } finally {
      await client.unsafe(`drop database ${name}`)
    }
  } finally {
    await client.end({ timeout: 2 })
  }
}
