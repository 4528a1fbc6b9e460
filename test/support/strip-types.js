// Jest's transform: the same erasure that Node performs, so tests run what production runs.
import { stripTypeScriptTypes } from "node:module";

export default { process: source => ({ code: stripTypeScriptTypes(source) }) };
