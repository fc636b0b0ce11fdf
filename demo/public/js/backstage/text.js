import { t } from '../language.js'

/** Text as it is, or a name of words.js with what to fill in: what is said of the wire is the same in every language. */
export const isText = (value) => typeof value === 'string' || typeof value?.words === 'string'

export const say = (text) => (typeof text === 'string' ? text : t(text.words, text.values))
