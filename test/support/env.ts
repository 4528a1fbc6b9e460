/** Imported first by tests that run services inside their own process: an installation of its own for each file. */
import { randomBytes } from "node:crypto";

process.env.NODE_ENV = "test";
process.env.CHAT_NAMESPACE = `t_${randomBytes(6).toString("hex")}`;
process.env.CHAT_JWT_SECRET = randomBytes(32).toString("hex");
process.env.CHAT_RATE_LIMITS = "off";
process.env.CHAT_LOG_LEVEL ??= "error";
if (process.env.TEST_DATABASE_URL) process.env.CHAT_DATABASE_URL = process.env.TEST_DATABASE_URL;
