import type { ReturnPurpose } from '../flows/return-state.ts'

/** The page for hosts that name none of their own, in both languages at once. It holds no text from outside. */
export function returnPage(purpose: ReturnPurpose, status: string): string {
  const { mood, indonesian, english, next = close } = words[purpose][status] ?? working
  return `<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${indonesian}</title>
<style>${style}</style>
</head>
<body>
<main>
<svg class="${mood}" viewBox="0 0 24 24" aria-hidden="true">${signs[mood]}</svg>
<h1>${indonesian}</h1>
<p lang="en">${english}</p>
<p class="next">${next.indonesian}<br><span lang="en">${next.english}</span></p>
${mood === 'open' ? `${askAgain}\n` : ''}</main>
</body>
</html>
`
}

/** The payment or binding went well, went badly, or is not decided yet. */
type Mood = 'good' | 'bad' | 'open'

interface Words {
  readonly mood: Mood
  readonly indonesian: string
  readonly english: string
  /** Tells the person what to do now. Default: close the page. */
  readonly next?: { readonly indonesian: string; readonly english: string }
}

const again = {
  indonesian: 'Kembali ke toko untuk mencoba lagi.',
  english: 'Go back to the shop to try again.',
}

const close = { indonesian: 'Anda dapat menutup halaman ini.', english: 'You can close this page.' }

const wait = {
  indonesian: 'Jangan bayar lagi: toko akan mengetahui hasilnya.',
  english: 'Do not pay again: the shop will learn how it ends.',
}

const working: Words = {
  mood: 'open',
  indonesian: 'Pembayaran sedang diproses.',
  english: 'The payment is being processed.',
  next: wait,
}

const unlinked: Words = {
  mood: 'bad',
  indonesian: 'Akun OVO tidak terhubung.',
  english: 'No OVO account is linked.',
  next: again,
}

const refunded: Words = {
  mood: 'good',
  indonesian: 'Pembayaran dikembalikan.',
  english: 'The payment was refunded.',
}

/** The words of the page, by purpose and status. A status that is not here is still in progress. */
const words: Readonly<Record<ReturnPurpose, Readonly<Record<string, Words>>>> = {
  binding: {
    active: { mood: 'good', indonesian: 'Akun OVO Anda sudah terhubung.', english: 'Your OVO account is linked.' },
    pending: {
      mood: 'open',
      indonesian: 'Penghubungan akun belum selesai.',
      english: 'Linking is not finished yet.',
      next: again,
    },
    failed: unlinked,
    unlinked,
    unbound: unlinked,
  },
  payment: {
    paid: { mood: 'good', indonesian: 'Pembayaran berhasil.', english: 'The payment succeeded.' },
    failed: { mood: 'bad', indonesian: 'Pembayaran gagal.', english: 'The payment failed.', next: again },
    cancelled: {
      mood: 'bad',
      indonesian: 'Pembayaran dibatalkan.',
      english: 'The payment was cancelled.',
      next: again,
    },
    refunded,
    'partially-refunded': {
      mood: 'good',
      indonesian: 'Sebagian pembayaran dikembalikan.',
      english: 'A part of the payment was refunded.',
    },
    'unknown-address': {
      mood: 'bad',
      indonesian: 'Alamat ini tidak berlaku.',
      english: 'This address is not valid.',
      next: again,
    },
  },
}

/** Opens the same address again, so that the router asks DOKU again. */
const askAgain = '<a href="">Periksa lagi<br><span lang="en">Check again</span></a>'

/** SVG paths in a square of 24 by 24. */
const signs: Readonly<Record<Mood, string>> = {
  good: '<path d="M5 12.5l4.5 4.500L19 7.5"/>',
  bad: '<path d="M7 7l10 10M17 7L7 17"/>',
  open: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2.5"/>',
}

const style = `
  :root { color-scheme: light dark; font: 100%/1.5 "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
  body { display: grid; min-height: 100vh; margin: 0; padding: 1rem; box-sizing: border-box; place-items: center;
    background: light-dark(#f4f2f7, #141218); color: light-dark(#221d2b, #ece8f2) }
  main { box-sizing: border-box; width: 100%; max-width: 26rem; padding: 2.5rem 1.75rem; border-radius: 1.25rem; text-align: center;
    background: light-dark(#fff, #201d26); box-shadow: 0 1px 2px #0002, 0 1rem 2.5rem #0001 }
  svg { width: 4rem; height: 4rem; padding: .875rem; box-sizing: border-box; border-radius: 50%; fill: none; stroke: currentColor;
    stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round }
  .good { background: light-dark(#def2e4, #1d3a29); color: light-dark(#17643a, #8bdcab) }
  .bad { background: light-dark(#fbe4e2, #432322); color: light-dark(#a3262b, #ffa9a4) }
  .open { background: light-dark(#fbeed4, #40331b); color: light-dark(#83500a, #f2c77d) }
  h1 { margin: 1.25rem 0 0; font-size: 1.5rem; line-height: 1.25 }
  p { margin: .5rem 0 0; text-wrap: balance }
  a { display: inline-block; margin-top: 1.5rem; padding: .625rem 1.5rem; border-radius: 2rem; font-weight: 600; line-height: 1.25;
    text-decoration: none; background: light-dark(#4c2a86, #b99cf5); color: light-dark(#fff, #1a1030) }
  a span { font-size: .875rem; font-weight: 400 }
  :focus-visible { outline: 3px solid currentColor; outline-offset: 3px }
  .next { margin-top: 1.5rem; font-size: .875rem; color: light-dark(#625c70, #b0a9bd) }
`
