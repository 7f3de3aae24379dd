/** Starts and ends: what Node itself takes for a TypeScript file. */
export {};
