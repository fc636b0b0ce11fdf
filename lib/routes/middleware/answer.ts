import type { Request, RequestHandler, Response } from 'express'

/**
 * How long the rest of a body may take, in ms. A phone with one bar of signal sends the few hundred bytes of our bodies
 * in far less.
 */
export const bodyDeadlineMs = 5000

/** Sets security headers before the handler, so that the answers of Express and of the host's error handler carry them too. */
export const setHeaders: RequestHandler = (_req, res, next) => {
  setSecurityHeaders(res)
  next()
}

/** Every answer is about one customer at one moment, so nobody may keep it. */
export function setSecurityHeaders(res: Response): void {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
}

/** Writes the answer itself, because `res.json` reads settings and makes ETags that mean nothing here. */
export function sendJson(res: Response, status: number, body: object, headers?: Record<string, string>): void {
  sendText(res, status, 'application/json; charset=utf-8', JSON.stringify(body), headers)
}

/** Sends text that is JSON already. */
export function sendJsonText(res: Response, status: number, text: string): void {
  sendText(res, status, 'application/json; charset=utf-8', text)
}

/** Sends a page that runs no script, loads nothing from elsewhere and cannot be put into a frame. */
export function sendPage(res: Response, status: number, html: string): void {
  sendText(res, status, 'text/html; charset=utf-8', html, {
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
  })
}

export function redirect(res: Response, url: string): void {
  res.writeHead(303, { Location: url, 'Referrer-Policy': 'no-referrer' })
  res.end()
}

export function sendText(
  res: Response,
  status: number,
  type: string,
  body: string,
  headers?: Record<string, string>,
): void {
  res.statusCode = status
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.byteLength(body))
  for (const name in headers) res.setHeader(name, headers[name] ?? '')
  res.end(body)
  if (!res.req.complete) limitRest(res.req)
}

/** The client may finish sending its body, because otherwise it may never read the answer. Then the socket is closed. */
function limitRest(req: Request): void {
  const timer = setTimeout(() => req.socket.destroy(), bodyDeadlineMs)
  const clear = () => clearTimeout(timer)
  req.once('end', clear).once('close', clear)
}
