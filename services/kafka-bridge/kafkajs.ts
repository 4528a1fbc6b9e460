/**
 * kafkajs, with a checksum of ours: its own takes a byte at a step, and was a third of what publishing costs. There is
 * no setting for it, so the module that it asks for one is given another function before anything asks.
 */
import { createRequire } from "node:module";
import { crc32c } from "./crc32c.ts";

export const CHECKSUM_MODULE = "kafkajs/src/protocol/recordBatch/crc32C";

const require = createRequire(import.meta.url);
// Throws where a later kafkajs has none there: then this file is to be looked at.
require(CHECKSUM_MODULE);
const module = require.cache[require.resolve(CHECKSUM_MODULE)];
if (module) module.exports = crc32c;

export default require("kafkajs") as typeof import("kafkajs");
