/** `audit --export FILE`, `audit --verify FILE`: the trail as lines, and its chain checked on this machine. */
import { open, rename, rm } from 'node:fs/promises'
import type { AuditRecord } from '../../shared/ledger/audit.ts'
import type { Api } from '../api.ts'
import { type BadRecord, type ChainFile, createChainReader, recordIn, recordOf } from '../chain-file.ts'
import type { Context } from '../context.ts'
import { checkEvidence, type Evidence, evidenceIn } from '../evidence.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { linesOf } from '../files.ts'
import { plain } from '../output/text.ts'

const tellEvery = 20_000

export async function auditTrail(context: Context): Promise<Exit> {
  const { value, say, operands } = context
  const [to, from] = [value('export'), value('verify')]
  if ((to === null) === (from === null) || (to !== null && operands.length > 0))
    throw new CommandFailed(exits.wrongInput, say('exportOrVerify'), { next: ['--export FILE', '--verify FILE'] })
  if (to !== null) return exportTrail(context, await context.api(), to)
  return verifyFile(context, from ?? '-')
}

/** Newest first, as the service gives it; the file appears when it is whole. */
async function exportTrail(context: Context, api: Api, to: string): Promise<Exit> {
  const { show, say, terminal } = context
  const chain = createChainReader()
  const sink = to === '-' ? streamSink(context) : await fileSink(to, say)
  try {
    for await (const { text, records } of pagesOf(context, api)) {
      for (const record of records) chain.add(record)
      await sink.write(text)
    }
  } catch (error) {
    await sink.drop()
    throw error
  }
  await sink.close()
  const found = chain.end()
  const verdict = verdictLines(found, say)
  const saved = say('exported', { records: say.number(found.records), file: to })
  if (to !== '-') show({ file: to, ...found }, () => [saved, ...verdict])
  else if (found.bad !== null) terminal.err(`${verdict.join('\n')}\n`)
  return exitOf(found.bad)
}

/** Of the service: each page as it came and as records. */
async function* pagesOf(
  { say, terminal }: Context,
  api: Api,
): AsyncGenerator<{ readonly text: string; readonly records: readonly AuditRecord[] }> {
  let read = 0
  let told = 0
  for (let cursor: string | null = null; ; ) {
    const query: { limit: number; cursor: string | null } = { limit: 200, cursor }
    const answer = await api.ask('GET', '/v1/audit', { query, accept: 'application/x-ndjson' })
    if (!(answer.headers.get('content-type') ?? '').startsWith('application/x-ndjson'))
      throw new CommandFailed(exits.nothingDone, say('noLines'))
    const records = answer.text
      .split('\n')
      .filter(line => line !== '')
      .map((line, index) => recordIn(line) ?? unreadable(say, read + index + 1))
    yield { text: answer.text, records }
    read += records.length
    if (read - told >= tellEvery) {
      told = read
      terminal.err(`… ${say.number(read)}\n`)
    }
    cursor = cursorIn(answer.headers.get('link'))
    if (cursor === null) return
  }
}

function unreadable(say: Context['say'], line: number): never {
  throw new CommandFailed(exits.wrongInput, say('unreadableRecord', { line }))
}

function streamSink({ terminal }: Context) {
  return { write: async (text: string) => terminal.out(text), close: async () => {}, drop: async () => {} }
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
  const next = (link ?? '').split(',').find(one => one.split(';').some(part => part.trim() === 'rel="next"'))
  const target = next?.slice(next.indexOf('<') + 1, next.indexOf('>'))
  return target === undefined ? null : new URL(target, 'http://unpush.invalid').searchParams.get('cursor')
}

/** Lines of a trail, or the evidence of one recall, which is met with the trail. */
async function verifyFile(context: Context, from: string): Promise<Exit> {
  const { show, say, operands } = context
  const chain = createChainReader()
  const document = await readTrail(context, from, record => chain.add(record))
  const evidence = evidenceIn(document)
  if (evidence !== null) return verifyEvidence(context, evidence, operands[0] ?? null)
  if (document !== null) for (const record of recordsIn(document, say)) chain.add(record)
  const found = chain.end()
  if (found.records === 0) throw new CommandFailed(exits.wrongInput, say('noRecords', { file: from }))
  show(found, () => verdictLines(found, say))
  return exitOf(found.bad)
}

/** Without a file of the trail, the service's is read as far as it is needed; its chain is computed here all the same. */
async function verifyEvidence(context: Context, evidence: Evidence, trail: string | null): Promise<Exit> {
  const { show, say } = context
  const chain = createChainReader()
  const check = checkEvidence(evidence)
  const add = (record: AuditRecord) => {
    chain.add(record)
    check.add(record)
  }
  if (trail === null) {
    const oldest = Math.min(...evidence.marks.map(({ seq }) => seq))
    for await (const { records } of pagesOf(context, await context.api())) {
      for (const record of records) add(record)
      // one before the oldest, from whose hash that one follows
      if (records.some(({ seq }) => seq < oldest)) break
    }
  } else if ((await readTrail(context, trail, add)) !== null) unreadable(say, 1)
  const found = chain.end()
  const bad = found.bad ?? check.end()
  const { recall, marks } = evidence
  show({ recall, marks: marks.length, bad }, () =>
    bad === null
      ? [`✓ ${say('evidenceHolds', { recall: plain(recall), count: marks.length })}`]
      : verdictLines({ ...found, bad }, say),
  )
  return exitOf(bad)
}

/** Hands on each line that is a record; resolves with the one document that the file is instead, or null. */
async function readTrail(context: Context, file: string, add: (record: AuditRecord) => void): Promise<unknown> {
  const { say, terminal } = context
  let number = 0
  let document = ''
  for await (const line of linesOf(context, file)) {
    number += 1
    const record = document === '' ? recordIn(line) : null
    if (record !== null) {
      add(record)
      if (number % tellEvery === 0) terminal.err(`… ${say.number(number)}\n`)
    } else if (document !== '' || line.trim() !== '') {
      if (document === '' && number > 1) unreadable(say, number)
      document += `${line}\n`
    }
  }
  if (document === '') return null
  try {
    return JSON.parse(document)
  } catch {
    return unreadable(say, 1)
  }
}

/** The records of the trail stand in one of the document's lists. */
function recordsIn(document: unknown, say: Context['say']): AuditRecord[] {
  const lists = Object.values(document ?? {}).filter((value): value is unknown[] => Array.isArray(value))
  const records = lists.map(list => list.flatMap(item => recordOf(item) ?? [])).find(list => list.length > 0)
  return records?.toSorted((a, b) => a.seq - b.seq) ?? unreadable(say, 1)
}

function verdictLines({ records, first, last, hash, fromTheBeginning, bad }: ChainFile, say: Context['say']): string[] {
  if (bad !== null) {
    const why = {
      missing: say('recordMissing'),
      changed: say('recordChanged'),
      repeated: say('recordRepeated'),
      leftOut: say('recordLeftOut'),
    }[bad.why]
    return [`✕ ${say('chainBroken', { seq: bad.seq, why })}`]
  }
  if (records === 0) return []
  return [
    `✓ ${say('chainHolds', { first: first ?? 0, last: last ?? 0, hash: plain(hash ?? '') })}`,
    ...(fromTheBeginning ? [] : [`! ${say('chainBegins', { first: first ?? 0 })}`]),
    say('chainProves'),
  ]
}

function exitOf(bad: BadRecord | null): Exit {
  return bad === null ? exits.ok : exits.notWell
}
