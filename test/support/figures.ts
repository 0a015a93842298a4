/** Figures that a test measured beside what it held: `npm run soak` prints them as one table. */
import type { TestContext } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

/** True in `npm run soak`: tests take their long form. */
export const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'

interface Figure {
  readonly what: string
  readonly measured: string
  readonly goal: string
  readonly isMet: boolean
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figure[]
  }
}

/** `isMet`: of a goal that the test does not hold it to, such as a time, which says as much of the machine. */
export function figure({ task }: TestContext, what: string, measured: string, goal: string, isMet = true): void {
  task.meta.figures = [...(task.meta.figures ?? []), { what, measured, goal, isMet }]
}

/** Prints the table when the run ends; a failed test's figures say so. */
export function figuresReporter(): Reporter {
  return {
    onTestRunEnd: (modules: readonly TestModule[]) => {
      const rows = modules.flatMap(module =>
        [...module.children.allTests()].flatMap(test => {
          const passed = test.result().state === 'passed'
          return (test.meta().figures ?? []).map(
            ({ what, measured, goal, isMet }) =>
              `| ${what} | ${measured} | ${goal} | ${passed && isMet ? 'held' : '**not held**'} |`,
          )
        }),
      )
      console.log(['', '| what | measured | goal | |', '|---|---|---|---|', ...rows, ''].join('\n'))
    },
  }
}
