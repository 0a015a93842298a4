/** The function table, the files of functions/ and serverless.yml say the same. */
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type FunctionEntry, functions } from '../../shared/functions.ts'
import { readSources, type Source } from '../support/sources.ts'

const entries: [string, FunctionEntry][] = Object.entries(functions)
let sources: readonly Source[] = []
beforeAll(async () => {
  sources = await readSources()
})

describe('what is deployed', () => {
  it('is every function file under its own name, and nothing else', () => {
    const files = sources.filter(({ path }) => path.startsWith('functions/'))
    expect(files.map(({ path }) => path)).toEqual(entries.map(([name]) => `functions/${name}.ts`).sort())
    for (const { path, text } of files) {
      const name = path.slice('functions/'.length, -'.ts'.length)
      const exported = [...text.matchAll(/^export .*$/gm)].map(([line]) => line)
      expect(exported).toEqual([expect.stringMatching(`^export const main_handler = serve\\w*\\('${name}',`)])
    }
  })
  it('stands in serverless.yml as it stands in the table', () => {
    const table = entries.map(([name, { class: functionClass, prefixes, timer, timeoutSeconds, memoryMb }]) => [
      name,
      {
        handler: `functions/${name}.main_handler`,
        role: `unpush-${functionClass}`,
        timeout: timeoutSeconds,
        memorySize: memoryMb,
        events: [
          ...prefixes.map(path => ({ http: { path } })),
          ...(timer === null ? [] : [{ timer: { cron: timer } }]),
        ],
      },
    ])
    expect(parse(sources.find(({ path }) => path === 'serverless.yml')?.text ?? '').functions).toEqual(
      Object.fromEntries(table),
    )
  })
  it('has each path below a prefix of its function, and no prefix twice', () => {
    const prefixes = entries.flatMap(([, entry]) => entry.prefixes)
    expect(new Set(prefixes).size).toBe(prefixes.length)
    for (const [name, entry] of entries) {
      for (const { path } of entry.routes) {
        const longest = prefixes
          .filter(prefix => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`))
          .sort((a, b) => b.length - a.length)[0]
        expect(entry.prefixes, `${name} ${path}`).toContain(longest)
      }
    }
  })
})
