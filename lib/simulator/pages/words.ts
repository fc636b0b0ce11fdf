/** All texts of the pages. A merchant's tests can look for the English error messages. */
export const WORDS = {
  linkTitle: { en: 'Link your OVO account', id: 'Hubungkan akun OVO' },
  payTitle: { en: 'Pay with OVO', id: 'Bayar dengan OVO' },
  notFoundTitle: { en: 'Not found', id: 'Tidak ditemukan' },
  notFound: { en: 'There is nothing here to confirm.', id: 'Tidak ada yang perlu dikonfirmasi di sini.' },
  expiredTitle: { en: 'This page has expired', id: 'Halaman ini sudah kedaluwarsa' },
  expired: {
    en: 'A page stays open for 15 minutes. Nothing was linked or charged. Start again in the shop.',
    id: 'Halaman ini berlaku 15 menit. Tidak ada yang dihubungkan atau dibayar; ulangi dari toko.',
  },
  backToShop: { en: 'Back to the shop', id: 'Kembali ke toko' },
  account: { en: 'OVO account', id: 'Akun OVO' },
  merchant: { en: 'Merchant', id: 'Merchant' },
  reference: { en: 'Reference', id: 'Nomor referensi' },
  payFrom: { en: 'Pay from', id: 'Bayar dari' },
  cash: { en: 'OVO Cash', id: 'OVO Cash' },
  points: { en: 'OVO Points', id: 'OVO Points' },
  balance: { en: 'Balance', id: 'Saldo' },
  total: { en: 'Total', id: 'Total' },
  step: { en: 'Step', id: 'Langkah' },
  stepOf: { en: 'of', id: 'dari' },
  otp: { en: 'OTP from the SMS', id: 'Kode OTP dari SMS' },
  pin: { en: 'OVO PIN', id: 'PIN OVO' },
  sixDigits: { en: '6 digits', id: '6 angka' },
  next: { en: 'Next', id: 'Lanjut' },
  link: { en: 'Link', id: 'Hubungkan' },
  pay: { en: 'Pay', id: 'Bayar' },
  cancel: { en: 'Cancel', id: 'Batal' },
  wrongOtp: { en: 'Wrong OTP', id: 'Kode OTP salah' },
  wrongPin: { en: 'Wrong PIN', id: 'PIN salah' },
  insufficient: {
    en: 'Insufficient balance. OVO will refuse this payment.',
    id: 'Saldo tidak cukup. OVO akan menolak pembayaran ini.',
  },
  terms: {
    en: 'The shop can see your balance and take the payments that you agree to.',
    id: 'Toko dapat melihat saldo Anda dan menagih pembayaran yang Anda setujui.',
  },
  sandbox: { en: 'Simulator: what to type', id: 'Simulator: yang perlu diketik' },
  otherAccounts: { en: 'All sandbox accounts', id: 'Semua akun sandbox' },
  phone: { en: 'Phone', id: 'Nomor' },
  blocked: { en: 'blocked', id: 'diblokir' },
  language: { en: 'Language', id: 'Bahasa' },
} as const satisfies Record<string, Words>

export type WordName = keyof typeof WORDS

/** Translates `Standing.message` into the language of the page. */
const MESSAGES: Readonly<Record<string, Words>> = { 'Wrong OTP': WORDS.wrongOtp, 'Wrong PIN': WORDS.wrongPin }

export function wordsOfMessage(message: string): Words {
  return MESSAGES[message] ?? { en: message, id: message }
}

/** The languages of the customer's pages. */
export const LANGUAGES = ['en', 'id'] as const

export type Language = (typeof LANGUAGES)[number]

/** One text in every language of the pages. */
type Words = Readonly<Record<Language, string>>

const isLanguage = (text: string | null): text is Language => LANGUAGES.some((language) => language === text)

/** The language that the URL asks for, else the browser's first choice among ours. Default: English. */
export function languageOf(asked: string | null, acceptLanguage: string | undefined): Language {
  if (isLanguage(asked)) return asked
  const wanted = (acceptLanguage ?? '').split(',').map((one) => one.trim().slice(0, 2).toLowerCase())
  return wanted.find(isLanguage) ?? 'en'
}
