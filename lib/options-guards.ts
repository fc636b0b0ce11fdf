import { z } from 'zod'

/** What the options about who is let in, and how, look like. */

const notOrigin = 'has to be an origin, scheme, host and port only: https://shop.example'

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.toLowerCase()
}

export const allowedOrigins = z
  .array(
    z
      .string()
      .refine(isOrigin, notOrigin)
      .transform((origin) => origin.toLowerCase()),
  )
  .default([])
