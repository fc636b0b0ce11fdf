/** The customer's pages speak these. */
export const LANGUAGES = ['en', 'id'] as const

export type Language = (typeof LANGUAGES)[number]

/** One text in every language of the pages. */
export type Words = Readonly<Record<Language, string>>

const isLanguage = (text: string | null): text is Language => LANGUAGES.some((language) => language === text)

/** What the address asks for, or else the browser's first choice that we speak. Default: English. */
export function languageOf(asked: string | null, acceptLanguage: string | undefined): Language {
  if (isLanguage(asked)) return asked
  const wanted = (acceptLanguage ?? '').split(',').map((one) => one.trim().slice(0, 2).toLowerCase())
  return wanted.find(isLanguage) ?? 'en'
}
