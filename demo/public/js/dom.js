/**
 * Makes an element. Text goes in as text, whoever wrote it, and never as HTML. `on` are listeners, `class` is a class,
 * anything else is an attribute; one that is undefined, null or false is left out.
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

/** Puts new children into an element; what had the focus keeps it, if it is there again under its `data-focus`. */
export function replace(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined
  element.replaceChildren(...children.flat().filter(Boolean))
  if (focused) element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus()
}
