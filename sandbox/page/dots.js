// A crowd of phones as dots, one each, coloured by what became of the notification.
import { calm } from './dom.js'
import { t } from './texts.js'

const letters = {
  '.': 'none',
  q: 'queued',
  s: 'shown',
  r: 'removed',
  e: 'stopped',
  p: 'replaced',
  b: 'beside',
  k: 'kept',
  c: 'clicked',
  x: 'cleared',
}
export const markNames = [
  'shown',
  'kept',
  'beside',
  'queued',
  'removed',
  'replaced',
  'stopped',
  'clicked',
  'cleared',
  'none',
]

const turnMs = 420
const waveMs = 7
const scatterMs = 160

let colours = null
/** As the style sheet has them: a canvas cannot read light-dark(). */
function colourOf(mark) {
  if (colours === null) {
    colours = new Map()
    const probe = document.createElement('i')
    document.body.append(probe)
    for (const name of markNames) {
      probe.className = `swatch ${name}`
      colours.set(name, getComputedStyle(probe).backgroundColor)
    }
    probe.remove()
  }
  return colours.get(mark)
}

const crowds = new Set()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  colours = null
  for (const crowd of crowds) crowd.paint()
})

/** Fills the width of `host`. `pick` is called with the number of a phone, counted from 1. */
export function createDots(host, pick) {
  const canvas = document.createElement('canvas')
  canvas.setAttribute('role', 'img')
  let marks = ''
  let before = ''
  let startedAt = []
  let chosen = 0
  let pitch = 10
  let columns = 1
  let frame = 0
  let width = 0

  const layout = () => {
    if (host.clientWidth === 0 || marks === '') return
    width = host.clientWidth
    pitch = marks.length > 1000 ? 7 : marks.length > 150 ? 9 : 11
    columns = Math.max(1, Math.floor(width / pitch))
    const rows = Math.ceil(marks.length / columns)
    const ratio = window.devicePixelRatio || 1
    canvas.width = columns * pitch * ratio
    canvas.height = rows * pitch * ratio
    canvas.style.width = `${columns * pitch}px`
    canvas.style.height = `${rows * pitch}px`
    canvas.getContext('2d').setTransform(ratio, 0, 0, ratio, 0, 0)
    paint()
  }

  const paint = () => {
    const context = canvas.getContext('2d')
    const now = performance.now()
    let moving = false
    context.clearRect(0, 0, canvas.width, canvas.height)
    for (let index = 0; index < marks.length; index++) {
      const passed = startedAt[index] === undefined ? 1 : (now - startedAt[index]) / turnMs
      if (passed < 1) moving = true
      else startedAt[index] = undefined
      dot(context, index, passed)
    }
    if (chosen > 0) ring(context, chosen - 1)
    frame = moving ? requestAnimationFrame(paint) : 0
  }

  // a dot shrinks away in its old colour and comes back in its new one
  const dot = (context, index, passed) => {
    const turned = passed >= 0.5
    const size = passed < 0 || passed >= 1 ? 1 : Math.abs(passed - 0.5) * 2
    context.fillStyle = colourOf(letters[turned ? marks[index] : before[index]])
    const side = (pitch - 2) * Math.max(size, 0.1)
    const x = (index % columns) * pitch + pitch / 2
    const y = Math.floor(index / columns) * pitch + pitch / 2
    context.beginPath()
    context.roundRect(x - side / 2, y - side / 2, side, side, side * 0.32)
    context.fill()
  }

  const ring = (context, index) => {
    context.strokeStyle = getComputedStyle(canvas).color
    context.lineWidth = 1.5
    context.strokeRect((index % columns) * pitch + 0.5, Math.floor(index / columns) * pitch + 0.5, pitch - 1, pitch - 1)
  }

  const numberAt = event => {
    const box = canvas.getBoundingClientRect()
    const column = Math.floor((event.clientX - box.left) / pitch)
    const number = Math.floor((event.clientY - box.top) / pitch) * columns + column + 1
    return column < columns && number >= 1 && number <= marks.length ? number : 0
  }
  canvas.addEventListener('click', event => numberAt(event) > 0 && pick(numberAt(event)))
  canvas.addEventListener('mousemove', event => {
    const number = numberAt(event)
    canvas.title = number > 0 ? `${number} · ${t().marks[letters[marks[number - 1]]]}` : ''
  })
  host.append(canvas)
  new ResizeObserver(() => host.clientWidth !== width && layout()).observe(host)

  const crowd = {
    canvas,
    paint,
    choose: number => {
      chosen = number
      paint()
    },
    update: next => {
      const first = marks === ''
      before = first ? next : marks
      const now = performance.now()
      for (let index = 0; index < next.length; index++) {
        if (first || calm.matches || next[index] === marks[index]) continue
        startedAt[index] = now + (index % columns) * waveMs + Math.random() * scatterMs
      }
      if (calm.matches) startedAt = []
      marks = next
      if (first) layout()
      else if (frame === 0) paint()
    },
  }
  crowds.add(crowd)
  return crowd
}
