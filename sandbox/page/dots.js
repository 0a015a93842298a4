// A crowd of phones, one mark each, told apart by shape and colour.
import { calm } from './dom.js'
import { partNames, partOfLetter, parts } from './marks.js'
import { t } from './texts.js'

const turnMs = 420
const waveMs = 7
const scatterMs = 160

let colours = null
/** As the style sheet has them. */
function colourOf(part) {
  if (colours === null) {
    const probe = document.createElement('i')
    probe.hidden = true
    document.body.append(probe)
    colours = new Map(
      partNames.map(name => {
        probe.className = `sign ${name}`
        return [name, getComputedStyle(probe).color]
      }),
    )
    probe.remove()
  }
  return colours.get(part)
}

const crowds = new Set()
/** After the theme has changed. */
export function repaintDots() {
  colours = null
  for (const crowd of crowds) crowd.paint()
}

/** Draws a mark around x and y, `side` wide. */
const shapes = {
  disc: (context, x, y, side) => {
    context.arc(x, y, side / 2, 0, 7)
    context.fill()
  },
  ring: (context, x, y, side) => {
    context.arc(x, y, Math.max(side / 2 - 0.75, 0.25), 0, 7)
    context.stroke()
  },
  square: (context, x, y, side) => {
    context.roundRect(x - side / 2, y - side / 2, side, side, side * 0.2)
    context.fill()
  },
  pair: (context, x, y, side) => {
    context.rect(x - side / 2, y - side / 2, side * 0.65, side * 0.65)
    context.fill()
    context.beginPath()
    context.rect(x - side * 0.1, y - side * 0.1, side * 0.6, side * 0.6)
    context.stroke()
  },
  diamond: (context, x, y, side) => {
    const half = side * 0.6
    context.moveTo(x, y - half)
    context.lineTo(x + half, y)
    context.lineTo(x, y + half)
    context.lineTo(x - half, y)
    context.fill()
  },
  dash: (context, x, y, side) => {
    context.rect(x - side / 2, y - 1, side, 2)
    context.fill()
  },
  cross: (context, x, y, side) => {
    const half = side * 0.4
    context.moveTo(x - half, y - half)
    context.lineTo(x + half, y + half)
    context.moveTo(x + half, y - half)
    context.lineTo(x - half, y + half)
    context.stroke()
  },
  point: (context, x, y, side) => {
    context.arc(x, y, side / 5, 0, 7)
    context.fill()
  },
}

/** Fills the width of `host`. `pick` is called with the number of a phone, counted from 1. */
export function createDots(host, pick) {
  const canvas = document.createElement('canvas')
  canvas.setAttribute('role', 'img')
  let marks = ''
  let before = ''
  let startedAt = []
  let pitch = 10
  let columns = 1
  let frame = 0
  let width = 0

  const layout = () => {
    if (host.clientWidth === 0 || marks === '') return
    width = host.clientWidth
    pitch = marks.length > 1000 ? 8 : marks.length > 150 ? 10 : 13
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
    frame = moving ? requestAnimationFrame(paint) : 0
  }

  // a mark shrinks away in its old form and comes back in its new one
  const dot = (context, index, passed) => {
    const part = partOfLetter((passed >= 0.5 ? marks : before)[index])
    const size = passed < 0 || passed >= 1 ? 1 : Math.abs(passed - 0.5) * 2
    const side = Math.min(8, pitch - 2) * Math.max(size, 0.1)
    context.fillStyle = colourOf(part)
    context.strokeStyle = colourOf(part)
    context.lineWidth = 1.5
    context.beginPath()
    const x = (index % columns) * pitch + pitch / 2
    const y = Math.floor(index / columns) * pitch + pitch / 2
    shapes[parts[part].shape](context, x, y, side)
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
    canvas.title = number > 0 ? `${number} · ${t().parts[partOfLetter(marks[number - 1])]}` : ''
  })
  host.append(canvas)
  new ResizeObserver(() => host.clientWidth !== width && layout()).observe(host)

  const crowd = {
    canvas,
    paint,
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
