/** The project's own files, and what each TypeScript file of them imports. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folders = ['.ci', 'bench', 'cli', 'dashboard', 'deploy', 'functions', 'sandbox', 'shared', 'test']
const texts = new Set(['', '.cjs', '.css', '.html', '.js', '.json', '.md', '.sql', '.ts', '.tsx', '.yml'])

export interface Import {
  /** A file of the project as its path from the root, a package by its name. */
  readonly name: string
  /** `import type`: gone before anything runs. */
  readonly typeOnly: boolean
}

export interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** Every text file that people write, by path; lock files and what is built are not among them. */
export async function readSources(): Promise<Source[]> {
  const top = (await readdir(root, { withFileTypes: true })).filter(entry => entry.isFile()).map(({ name }) => name)
  const below = await Promise.all(
    folders.map(async folder => {
      const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
      return found
        .filter(entry => entry.isFile())
        .map(entry => posix.join(entry.parentPath.slice(root.length), entry.name))
    }),
  )
  const paths = [...top.filter(name => /\.(ts|yml|json|md)$/.test(name)), ...below.flat()]
    .filter(path => texts.has(extname(path)) && path !== 'package-lock.json')
    .sort()
  return Promise.all(
    paths.map(async path => {
      const text = await readFile(join(root, path), 'utf8')
      return { path, text, imports: /\.tsx?$/.test(path) ? importsOf(path, text) : [] }
    }),
  )
}

const statement =
  /^(?:import|export)\s+(type\s)?[^'"=;()]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

export function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(statement)].map(([, typeOnly, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? ''
    return {
      name: name.startsWith('.') ? posix.join(posix.dirname(path), name) : name,
      typeOnly: typeOnly !== undefined,
    }
  })
}
