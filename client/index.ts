export { LIMITS } from "../contracts/limits.ts";
export type * from "./api.ts";
export { createClient } from "./client.ts";
export { ParleyError } from "./errors.ts";
export { createSession, type Session, type SessionOptions, type SessionState } from "./session.ts";
export type { Database, Key, Storage, Table, Tx } from "./storage.ts";
export { memoryStorage } from "./storage-memory.ts";
export type { RestCall, RestCalls } from "./wire.ts";
