/** `audit --export FILE`, `audit --verify FILE`: the trail as lines, and its chain checked on this machine. */
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import type { Api } from '../api.ts'
import { type ChainFile, createChainReader, recordIn, recordOf } from '../chain-file.ts'
import type { Context } from '../context.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { plain } from '../output/text.ts'

const tellEvery = 20_000

export async function auditTrail(context: Context): Promise<Exit> {
  const { value, say } = context
  const [to, from] = [value('export'), value('verify')]
  if ((to === null) === (from === null))
    throw new CommandFailed(exits.wrongInput, say('exportOrVerify'), { next: ['--export FILE', '--verify FILE'] })
  if (to !== null) return exportTrail(context, await context.api(), to)
  return verifyFile(context, from ?? '-')
}

/** Newest first, as the service gives it; the file appears when it is whole. */
async function exportTrail(context: Context, api: Api, to: string): Promise<Exit> {
  const { show, say, terminal } = context
  const chain = createChainReader()
  const sink =
    to === '-'
      ? { write: async (text: string) => terminal.out(text), close: async () => {}, drop: async () => {} }
      : await fileSink(to, say)
  let told = 0
  let records = 0
  try {
    for (let cursor: string | null = null; ; ) {
      const answer = await api.ask('GET', '/v1/audit', {
        query: { limit: 200, cursor },
        accept: 'application/x-ndjson',
      })
      if (!(answer.headers.get('content-type') ?? '').startsWith('application/x-ndjson'))
        throw new CommandFailed(exits.nothingDone, say('noLines'))
      for (const line of answer.text.split('\n')) {
        if (line === '') continue
        const record = recordIn(line)
        if (record === null) throw new CommandFailed(exits.outOfReach, say('unreadableRecord', { line: records + 1 }))
        chain.add(record)
        records += 1
      }
      await sink.write(answer.text)
      if (records - told >= tellEvery) {
        told = records
        terminal.err(`… ${say.number(records)}\n`)
      }
      cursor = cursorIn(answer.headers.get('link'))
      if (cursor === null) break
    }
  } catch (error) {
    await sink.drop()
    throw error
  }
  await sink.close()
  const found = chain.end()
  if (to !== '-')
    show({ file: to, ...found }, () => [
      say('exported', { records: say.number(found.records), file: to }),
      ...verdictLines(found, say),
    ])
  else if (found.bad !== null) terminal.err(`${verdictLines(found, say).join('\n')}\n`)
  return exitOfChain(found)
}

async function fileSink(path: string, say: Context['say']) {
  const unfinished = `${path}.${process.pid}.part`
  const file = await open(unfinished, 'wx', 0o600).catch(() => {
    throw new CommandFailed(exits.wrongInput, say('unwritableFile', { file: path }))
  })
  return {
    write: async (text: string) => void (await file.write(text)),
    close: async () => {
      await file.close()
      await rename(unfinished, path)
    },
    drop: async () => {
      await file.close()
      await rm(unfinished, { force: true })
    },
  }
}

/** RFC 8288; only the cursor is taken, so that no link leads elsewhere. */
function cursorIn(link: string | null): string | null {
  const target = /<([^>]*)>\s*;\s*rel="next"/.exec(link ?? '')?.[1]
  return target === undefined ? null : new URL(target, 'http://unpush.invalid').searchParams.get('cursor')
}

async function verifyFile(context: Context, from: string): Promise<Exit> {
  const { show, say, terminal } = context
  const chain = createChainReader()
  let number = 0
  let whole = ''
  for await (const line of linesOf(from === '-' ? terminal.input() : createReadStream(from), from, say)) {
    number += 1
    const record = recordIn(line)
    if (record !== null && whole === '') {
      chain.add(record)
      if (number % tellEvery === 0) terminal.err(`… ${say.number(number)}\n`)
    } else if (line.trim() !== '' || whole !== '') {
      // a file of evidence is one document over many lines
      if (whole === '' && number > 1)
        throw new CommandFailed(exits.wrongInput, say('unreadableRecord', { line: number }))
      whole += `${line}\n`
    }
  }
  if (whole !== '') for (const record of recordsIn(whole, say)) chain.add(record)
  const found = chain.end()
  if (found.records === 0) throw new CommandFailed(exits.wrongInput, say('noRecords', { file: from }))
  show(found, () => verdictLines(found, say))
  return exitOfChain(found)
}

/** An evidence file: the records of the trail stand in one of its lists. */
function recordsIn(text: string, say: Context['say']) {
  let document: unknown = null
  try {
    document = JSON.parse(text)
  } catch {
    throw new CommandFailed(exits.wrongInput, say('unreadableRecord', { line: 1 }))
  }
  const lists = Object.values(document ?? {}).filter((value): value is unknown[] => Array.isArray(value))
  const records = lists.map(list => list.flatMap(item => recordOf(item) ?? [])).find(list => list.length > 0)
  if (records === undefined) throw new CommandFailed(exits.wrongInput, say('unreadableRecord', { line: 1 }))
  return records.toSorted((a, b) => a.seq - b.seq)
}

async function* linesOf(
  input: AsyncIterable<Buffer | string>,
  file: string,
  say: Context['say'],
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const part of input) {
      const lines = (rest + (typeof part === 'string' ? part : decoder.decode(part, { stream: true }))).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    throw error instanceof CommandFailed ? error : new CommandFailed(exits.wrongInput, say('unreadableFile', { file }))
  }
  if (rest !== '') yield rest
}

function verdictLines({ records, first, last, hash, fromTheBeginning, bad }: ChainFile, say: Context['say']): string[] {
  if (records === 0) return []
  const span = { first: first ?? 0, last: last ?? 0 }
  if (bad !== null) {
    const why = { missing: say('recordMissing'), changed: say('recordChanged'), repeated: say('recordRepeated') }[
      bad.why
    ]
    return [`✕ ${say('chainBroken', { seq: bad.seq, why })}`]
  }
  return [
    `✓ ${say('chainHolds', { ...span, hash: plain(hash ?? '') })}`,
    ...(fromTheBeginning ? [] : [`! ${say('chainBegins', { first: first ?? 0 })}`]),
    say('chainProves'),
  ]
}

function exitOfChain({ bad }: ChainFile): Exit {
  return bad === null ? exits.ok : exits.notWell
}
