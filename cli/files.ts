/** What flags name as `FILE|-`: push tokens, ids, options. Standard input is read once. */
import { createReadStream } from 'node:fs'
import type { Context } from './context.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'

/** Line by line, however large it is; `-` is standard input. Throws `CommandFailed` where it cannot be read. */
export async function* linesOf(
  { terminal, say }: Pick<Context, 'terminal' | 'say'>,
  file: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const part of file === '-' ? terminal.input() : createReadStream(file)) {
      const text = typeof part === 'string' ? part : decoder.decode(part, { stream: true })
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch {
    throw new CommandFailed(exits.wrongInput, say('unreadableFile', { file }))
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

/** All of it. */
export async function textOf(context: Pick<Context, 'terminal' | 'say'>, file: string): Promise<string> {
  const lines: string[] = []
  for await (const line of linesOf(context, file)) lines.push(line)
  return lines.join('\n').replace(/^\ufeff/, '')
}

/** One a line, bare or as a JSON string; blank lines are none. Rejects where there is none, or a line is neither. */
export async function linesIn(context: Pick<Context, 'terminal' | 'say'>, file: string): Promise<string[]> {
  const found: string[] = []
  const text = await textOf(context, file)
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '') continue
    const value = trimmed.startsWith('"') ? jsonText(trimmed) : trimmed
    // what it is stays out of the message: push tokens are nobody's to print
    if (value === null) throw new CommandFailed(exits.wrongInput, context.say('wrongLine', { file, line: index + 1 }))
    found.push(value)
  }
  if (found.length === 0) throw new CommandFailed(exits.wrongInput, context.say('emptyFile', { file }))
  return found
}

function jsonText(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'string' && value !== '' ? value : null
  } catch {
    return null
  }
}
