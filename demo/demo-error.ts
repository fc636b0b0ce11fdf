/** An error that the person who starts the demo can fix. The message says how. */
export class DemoError extends Error {}
