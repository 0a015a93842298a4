/** The console's own words; those that it shares with the command line and group cards are in terms.ts. `{n}` is filled in. */
import { actWords } from './console-acts.ts'
import { frameWords } from './console-frame.ts'
import { pageWords } from './console-pages.ts'

export const consoleWords = { ...frameWords, ...actWords, ...pageWords }
export type ConsoleWord = keyof typeof consoleWords
