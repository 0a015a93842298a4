/**
 * `SECRETS=file:<path>`: one JSON object whose keys are the secrets' names. Read anew each time the cache asks.
 */
import { parsePasted } from '../pasted-json.ts'
import { describeSyntaxFault } from '../json-syntax.ts'
import { isSecretName, SecretError, type SecretSource, sourceOfDocuments } from './source.ts'

export function fileSource(path: string): SecretSource {
  return sourceOfDocuments('file', async secret => documentsIn(secret, path, await textOf(secret, path)))
}

async function textOf(secret: string, path: string): Promise<string> {
  // Loaded here, since the functions in the cloud carry this source without using it, and it takes 1 ms.
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new SecretError('unavailable', secret, null, `the file ${path} cannot be read (${code})`)
  }
}

function documentsIn(secret: string, path: string, text: string): ReadonlyMap<string, unknown> {
  const malformed = (message: string) => new SecretError('malformed', secret, null, `the file ${path} ${message}`)
  const value = parsePasted(text)
  if (value === undefined) throw malformed(`is not valid JSON: ${describeSyntaxFault(text.replace(/^\ufeff/, ''))}`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('must hold one JSON object whose keys are names of secrets')
  }
  const documents = new Map(Object.entries(value))
  for (const name of documents.keys()) {
    // A key that is no name may be anything, a secret pasted in the wrong place too.
    const shown =
      name.startsWith('unpush/') && name.length <= 64 ? JSON.stringify(name) : `of ${name.length} characters`
    if (!isSecretName(name)) throw malformed(`has a key ${shown}, which is not the name of a secret`)
  }
  return documents
}
