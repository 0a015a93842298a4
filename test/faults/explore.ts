/** Every state that the model can come to, breadth first, and whether all of them can still finish. */
import {
  type Action,
  actions,
  apply,
  fault,
  type Hold,
  isFinished,
  type Row,
  type Rules,
  start,
  type State,
} from './lease-model.ts'

export interface Explored {
  readonly states: number
  readonly steps: number
  /** The first forbidden step, and the shortest way to it; null: there is none. */
  readonly forbidden: { readonly fault: string; readonly way: readonly Action[] } | null
  /** States from which no way leads to the end. */
  readonly stuck: number
}

const stateKeys = { ready: 0, running: 1, accepted: 2, failed: 3 } as const
const phaseKeys = { claimed: 0, begun: 1, asked: 2, yes: 3, no: 4, doubt: 5, settled: 6 } as const

export function explore(rules: Rules): Explored {
  const found = new Map<number, number>([[keyOf(start), 0]])
  const states: State[] = [start]
  const from: { parent: number; action: Action | null }[] = [{ parent: -1, action: null }]
  const edges: number[] = []
  for (let at = 0; at < states.length; at++) {
    const state = states[at] ?? start
    for (const action of actions) {
      const next = apply(state, action, rules)
      if (next === null) continue
      const wrong = fault(state, action, next)
      if (wrong !== null) {
        const way = [...wayTo(from, at), action]
        return { states: states.length, steps: edges.length / 2, forbidden: { fault: wrong, way }, stuck: 0 }
      }
      const key = keyOf(next)
      let index = found.get(key)
      if (index === undefined) {
        index = states.length
        found.set(key, index)
        states.push(next)
        from.push({ parent: at, action })
      }
      edges.push(at, index)
    }
  }
  return { states: states.length, steps: edges.length / 2, forbidden: null, stuck: countStuck(states, edges) }
}

function wayTo(from: readonly { parent: number; action: Action | null }[], index: number): Action[] {
  const way: Action[] = []
  for (let at = from[index]; at !== undefined && at.action !== null; at = from[at.parent]) way.unshift(at.action)
  return way
}

/** Backwards from every finished state: what is not met there cannot finish. */
function countStuck(states: readonly State[], edges: readonly number[]): number {
  const heads = new Int32Array(states.length).fill(-1)
  const nexts = new Int32Array(edges.length / 2)
  for (let edge = 0; edge < nexts.length; edge++) {
    const to = edges[edge * 2 + 1] ?? 0
    nexts[edge] = heads[to] ?? -1
    heads[to] = edge
  }
  const met = new Uint8Array(states.length)
  const queue: number[] = []
  const meet = (index: number) => {
    if (met[index] === 1) return
    met[index] = 1
    queue.push(index)
  }
  for (const [index, state] of states.entries()) if (isFinished(state)) meet(index)
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    for (let edge = heads[index] ?? -1; edge >= 0; edge = nexts[edge] ?? -1) meet(edges[edge * 2] ?? 0)
  }
  return met.reduce((stuck, was) => stuck + 1 - was, 0)
}

/** Below 2^53: two rows of 17 bits each, and one bit. Which of the units is called the first makes no difference. */
function keyOf({ rows: [first, second], recallEnded }: State): number {
  const one = rowKey(first)
  const other = rowKey(second)
  return (Math.max(one, other) * 2 ** 17 + Math.min(one, other)) * 2 + Number(recallEnded)
}

function rowKey({ state, fence, leased, did, claimant, holds: [first, second] }: Row): number {
  const row = ((stateKeys[state] * 4 + fence) * 2 + Number(leased)) * 2 + Number(did)
  return ((row * 3 + (claimant ?? 2)) * 25 + holdKey(first)) * 25 + holdKey(second)
}

function holdKey(hold: Hold | null): number {
  return hold === null ? 0 : 1 + phaseKeys[hold.phase] * 3 + hold.fence - 1
}
