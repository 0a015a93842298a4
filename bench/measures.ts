/** What the long measurements share: rows of the table, a clock, made-up tokens, a database to throw away. */
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'

export interface Row {
  readonly what: string
  readonly measured: string
  readonly goal: string
  readonly met: boolean
}

export function printTable(rows: readonly Row[]): void {
  console.log('\n| what | measured | goal | |\n|---|---|---|---|')
  for (const { what, measured, goal, met } of rows)
    console.log(`| ${what} | ${measured} | ${goal} | ${met ? 'met' : '**missed**'} |`)
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
