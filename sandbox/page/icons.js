// Drawings on a grid of 16, as in the console, in the colour of their text. A word is beside each, or names its button.
const box = { x: 1.75, y: 4.5, width: 12.5, height: 7, rx: 2.2 }
const ring = 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z'

const drawings = {
  logo: [
    ['rect', { x: 1.4, y: 1.4, width: 13.2, height: 13.2, rx: 3.6 }],
    ['circle', { class: 'dot', cx: 10.3, cy: 5.7, r: 2 }],
  ],
  running: [
    ['circle', { class: 'faint', cx: 8, cy: 8, r: 6 }],
    ['path', { d: 'M8 2a6 6 0 0 1 6 6' }],
    ['circle', { class: 'dot', cx: 8, cy: 8, r: 1.7 }],
  ],
  removed: [['rect', { ...box, 'stroke-dasharray': '2.4 2.1' }]],
  stopped: [
    ['rect', box],
    ['path', { d: 'M2.6 13.4 13.4 2.6' }],
  ],
  stays: [['rect', { ...box, class: 'solid' }]],
  shown: [['rect', box]],
  replaced: [
    ['path', { d: 'M4.6 4.4V4c0-.9.7-1.6 1.6-1.6h6.4c.9 0 1.6.7 1.6 1.6v3.4c0 .9-.7 1.6-1.6 1.6' }],
    ['rect', { x: 1.75, y: 5.2, width: 10.6, height: 7.4, rx: 2 }],
  ],
  waiting: [['path', { d: `${ring}M8 4.8V8l2.2 1.4` }]],
  none: [['path', { d: `${ring}M5.3 8h5.4` }]],
  yes: [['path', { d: 'm3.5 8.4 3 3 6-6.6' }]],
  no: [['path', { d: 'M4 8h8' }]],
  moon: [['path', { d: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z' }]],
  sun: [
    ['circle', { cx: 8, cy: 8, r: 2.8 }],
    ['path', { d: 'M8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.8.8m7.6 7.6.8.8m0-9.2-.8.8m-7.6 7.6-.8.8' }],
  ],
  menu: [['path', { d: 'M2.5 4.5h11m-11 3.5h11m-11 3.5h11' }]],
  close: [['path', { d: 'm3.5 3.5 9 9m0-9-9 9' }]],
  down: [['path', { d: 'm4 6 4 4 4-4' }]],
}

const space = 'http://www.w3.org/2000/svg'

export function icon(name) {
  const drawn = document.createElementNS(space, 'svg')
  drawn.setAttribute('viewBox', '0 0 16 16')
  drawn.setAttribute('class', 'icon')
  drawn.setAttribute('aria-hidden', 'true')
  for (const [shape, attributes] of drawings[name]) {
    const part = document.createElementNS(space, shape)
    for (const [attribute, value] of Object.entries(attributes)) part.setAttribute(attribute, String(value))
    drawn.append(part)
  }
  return drawn
}
