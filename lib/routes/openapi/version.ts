/** Of the package, and so of what it answers. A test holds it against package.json, which a bundled host has not got. */
export const version = '0.1.0'
