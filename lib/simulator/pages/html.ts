const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** A whole document. `main` is HTML already. */
export function document(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<main>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</html>
`
}

/** What a form asks for: one secret, and a way out. */
export interface Question {
  readonly name: 'otp' | 'pin'
  readonly label: string
  readonly submit: string
  /** What was wrong with the answer before. */
  readonly message: string | undefined
}

/** The cancel button skips the browser's own "please fill in" check. The form posts to the address that it is on. */
export function form({ name, label, submit, message }: Question): string {
  const alert = message === undefined ? '' : `<p role="alert">${escapeHtml(message)}</p>\n`
  return `${alert}<form method="post">
<label>${escapeHtml(label)} <input name="${name}" type="password" inputmode="numeric" autocomplete="off" required autofocus></label>
<button name="action" value="confirm">${escapeHtml(submit)}</button>
<button name="action" value="cancel" formnovalidate>Cancel</button>
</form>`
}
