import * as crypto from "node:crypto";

/** A UUIDv7, so that ids made later sort later. */
export const newId = (): string => (crypto as unknown as { randomUUIDv7(): string }).randomUUIDv7();
