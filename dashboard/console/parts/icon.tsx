/** Drawings on a grid of 16, in the colour of their text. None stands alone: a word is beside it, or names its button. */
const shapes = {
  logo: '',
  waiting:
    'M6 8.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM1.5 14c0-2.6 2-4 4.5-4 .6 0 1.2.1 1.7.3M11.5 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Zm0 1.6V12l.9.8',
  running: 'M8 2a6 6 0 1 1-5.2 3',
  done: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.4 8.2l1.8 1.8 3.4-3.8',
  failed: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6 6l4 4m0-4-4 4',
  cancelled: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM3.8 3.8l8.4 8.4',
  declined: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.3 8h5.4',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.4',
  warn: 'M8 2.2 14.4 13.4H1.6L8 2.2ZM8 6.6v3M8 11.4v.1',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.4v3.4M8 5.2v.1',
  revoke: 'M5.6 3 2.6 6l3 3M2.8 6H10a3.6 3.6 0 0 1 0 7.2H6.6',
  overlay:
    'M2 3.5C2 2.7 2.7 2 3.5 2h5c.8 0 1.5.7 1.5 1.5V6M6 7.5C6 6.7 6.7 6 7.5 6h5c.8 0 1.5.7 1.5 1.5v3c0 .8-.7 1.5-1.5 1.5h-5C6.7 12 6 11.3 6 10.5v-3ZM2 3.5V7c0 .8.7 1.5 1.5 1.5H6',
  correct: 'M5.2 4 2.6 6.5 5.2 9M2.8 6.5H9M7 13l.6-2.2 4.6-4.6 1.6 1.6-4.6 4.6L7 13Z',
  stop: 'M4.5 3h7c.8 0 1.5.7 1.5 1.5v7c0 .8-.7 1.5-1.5 1.5h-7c-.8 0-1.5-.7-1.5-1.5v-7C3 3.7 3.7 3 4.5 3Z',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  down: 'm4 6 4 4 4-4',
  up: 'm4 10 4-4 4 4',
  back: 'M10 3 5 8l5 5',
  arrow: 'M2.5 8h11m-4-4 4 4-4 4',
  rise: 'M8 13.5v-11m-4 4 4-4 4 4',
  moon: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.8.8m7.6 7.6.8.8m0-9.2-.8.8m-7.6 7.6-.8.8',
  lock: 'M4.5 7h7c.8 0 1.5.7 1.5 1.5v4c0 .8-.7 1.5-1.5 1.5h-7c-.8 0-1.5-.7-1.5-1.5v-4C3 7.7 3.7 7 4.5 7ZM5.2 7V4.8a2.8 2.8 0 0 1 5.6 0V7',
  pause: 'M5.5 3.5v9m5-9v9',
  play: 'M5 3.2v9.6L12.6 8 5 3.2Z',
  menu: 'M2.5 4.5h11m-11 3.5h11m-11 3.5h11',
  more: 'M3.5 8v.01M8 8v.01M12.5 8v.01',
  close: 'm3.5 3.5 9 9m0-9-9 9',
  people:
    'M6 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 6 8ZM1.5 13.5c0-2.6 2-4 4.5-4s4.5 1.4 4.5 4M10.5 2.9a2.6 2.6 0 0 1 0 4.9m1.3 2.1c1.7.5 2.7 1.7 2.7 3.6',
  bolt: 'M9 1.8 3.5 9H8l-1 5.2L12.5 7H8l1-5.2Z',
  check: 'm3.5 8.4 3 3 6-6.6',
  refresh: 'M13 3.5v3.2H9.8M3 12.5V9.3h3.2M12.6 6.7A5 5 0 0 0 3.8 5.5M3.4 9.3a5 5 0 0 0 8.8 1.2',
  save: 'M8 2.5v7.5m-3.2-3L8 10.2 11.2 7M3 13.2h10',
  out: 'M9.5 2.5h4v4m0-4L7.5 8.5M12 9.5v3c0 .6-.4 1-1 1H3.5c-.6 0-1-.4-1-1V5c0-.6.4-1 1-1h3',
  pen: 'm3 13 .7-2.9L10.8 3 13 5.2 5.9 12.3 3 13Z',
  both: 'M5.2 4 2.6 6.5 5.2 9M2.8 6.5H9M10.8 7l2.6 2.5-2.6 2.5m2.4-2.5H7',
} as const

export type IconName = keyof typeof shapes | 'partial' | 'removed' | 'replaced' | 'stopped' | 'none'

export function Icon({
  name,
  label,
  class: own = '',
}: {
  readonly name: IconName
  readonly label?: string
  readonly class?: string
}) {
  const named = label === undefined ? { 'aria-hidden': true as const } : { role: 'img' as const, 'aria-label': label }
  return (
    <svg class={`icon ${own}`} viewBox="0 0 16 16" {...named}>
      {drawing(name)}
    </svg>
  )
}

function drawing(name: IconName) {
  const box = { x: '1.75', y: '4.5', width: '12.5', height: '7', rx: '2.2' }
  switch (name) {
    case 'partial':
      return (
        <>
          <circle cx="8" cy="8" r="6" />
          <path class="solid" d="M8 2a6 6 0 0 1 0 12Z" />
        </>
      )
    case 'running':
      return (
        <>
          <circle class="faint" cx="8" cy="8" r="6" />
          <path d="M8 2a6 6 0 0 1 6 6" />
          <circle class="dot" cx="8" cy="8" r="1.7" />
        </>
      )
    case 'removed':
      return <rect {...box} stroke-dasharray="2.4 2.1" />
    case 'replaced':
      return (
        <>
          <path d="M4.6 4.4V4c0-.9.7-1.6 1.6-1.6h6.4c.9 0 1.6.7 1.6 1.6v3.4c0 .9-.7 1.6-1.6 1.6" />
          <rect class="tinted" x="1.75" y="5.2" width="10.6" height="7.4" rx="2" />
        </>
      )
    case 'stopped':
      return (
        <>
          <rect {...box} />
          <path d="M2.6 13.4 13.4 2.6" />
        </>
      )
    case 'none':
      return <rect class="solid" {...box} />
    case 'logo':
      return (
        <>
          <rect x="1.4" y="1.4" width="13.2" height="13.2" rx="3.6" stroke-width="1.7" />
          <circle class="dot" cx="10.3" cy="5.7" r="2" />
        </>
      )
    default:
      return <path d={shapes[name]} />
  }
}
