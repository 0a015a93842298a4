import type { Context } from './context.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'

/** Also out of a link, as group cards carry it. Throws `CommandFailed` where it could be no recall. */
export function recallIn({ operands: [given = ''], say }: Pick<Context, 'operands' | 'say'>): string {
  const id = /rcl_[0-9a-z]{1,64}/.exec(given)?.[0]
  if (id !== undefined && (given === id || /[/]recalls[/]/.test(given))) return id
  throw new CommandFailed(exits.wrongInput, say('noRecallId'), { next: ['unpush recalls'] })
}
