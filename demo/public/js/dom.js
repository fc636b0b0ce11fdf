/**
 * Makes an element. Text goes in as text, never as HTML. `on` has listeners, `class` is a class, and all others are
 * attributes. An attribute that is undefined, null or false is left out.
 */
export function el(tag, options = {}, ...children) {
  return fill(document.createElement(tag), options, children)
}

/** The same for SVG. */
export function svg(tag, options = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), options, children)
}

function fill(element, { on = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener)
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false))
  return element
}

/** Replaces the children of an element. The focus stays if a new child has the same `data-focus`. */
export function replace(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined
  element.replaceChildren(...children.flat().filter(Boolean))
  if (focused) element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus()
}
