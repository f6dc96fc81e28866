export const MAX_DRAWN = 300;
export function pictureOf(_: unknown): string { return ""; }
