import type { ReturnPurpose } from '../flows/return-state.ts'

interface Words {
  readonly indonesian: string
  readonly english: string
}

const working: Words = {
  indonesian: 'Pembayaran sedang diproses.',
  english: 'The payment is being processed.',
}
const unlinked: Words = { indonesian: 'Akun OVO tidak terhubung.', english: 'No OVO account is linked.' }

/** What a person is told, by purpose and status; a status that is not here is still under way. */
const words: Readonly<Record<ReturnPurpose, Readonly<Record<string, Words>>>> = {
  binding: {
    active: { indonesian: 'Akun OVO Anda sudah terhubung.', english: 'Your OVO account is linked.' },
    pending: { indonesian: 'Penghubungan akun belum selesai.', english: 'Linking is not finished yet.' },
    failed: unlinked,
    unlinked,
    unbound: unlinked,
  },
  payment: {
    paid: { indonesian: 'Pembayaran berhasil.', english: 'The payment succeeded.' },
    failed: { indonesian: 'Pembayaran gagal.', english: 'The payment failed.' },
    cancelled: { indonesian: 'Pembayaran dibatalkan.', english: 'The payment was cancelled.' },
    refunded: { indonesian: 'Pembayaran dikembalikan.', english: 'The payment was refunded.' },
    'unknown-address': { indonesian: 'Alamat ini tidak berlaku.', english: 'This address is not valid.' },
  },
}

/** The page for hosts that give none of their own. Holds nothing that came from outside. */
export function returnPage(purpose: ReturnPurpose, status: string): string {
  const { indonesian, english } = words[purpose][status] ?? working
  return `<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OVO</title>
<style>
  :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif }
  body { display: grid; min-height: 100vh; margin: 0; place-items: center; text-align: center }
  main { padding: 1rem; max-width: 30rem }
</style>
</head>
<body>
<main>
<h1>${indonesian}</h1>
<p lang="en">${english}</p>
<p>Anda dapat menutup halaman ini. <span lang="en">You can close this page.</span></p>
</main>
</body>
</html>
`
}
